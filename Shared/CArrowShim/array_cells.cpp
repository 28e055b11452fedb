#include "array_cells.hpp"

#include <cstring>

#include "value_printers.hpp"

namespace sarrow {
using arrow::Status;

namespace {
bool bit_at(const void *bits, int64_t i) { return static_cast<const uint8_t *>(bits)[i >> 3] >> (i & 7) & 1; }

void write_missing(int64_t rows, sarrow_cell *cells, int64_t stride) {
  for (int64_t i = 0; i < rows; i++) cells[i * stride] = missing_cell;
}

/// Prints `value(row)` of every row that is not missing.
template <class Printer, class Value>
void print(const ColumnView &column, int64_t first, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride,
           Printer printer, Value value) {
  uint8_t *to = arena.reserve(rows * longest_value);
  for (int64_t row = first; row < first + rows; row++, cells += stride) {
    if (column.validity && !bit_at(column.validity, row + column.bit_offset)) {
      *cells = missing_cell;
      continue;
    }
    auto length = static_cast<int64_t>(printer(value(row), to));
    *cells = cell_at(arena.commit(length), length);
    to += length;
  }
}

template <class T, class Printer>
void print_values(const ColumnView &column, int64_t first, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride,
                  Printer printer) {
  auto values = static_cast<const T *>(column.values);
  if (!values) return write_missing(rows, cells, stride);
  print(column, first, rows, arena, cells, stride, printer, [=](int64_t row) { return values[row]; });
}

/// All the texts are copied in one go; cells then point into the copy.
template <class Offset>
Status copy_texts(const ColumnView &column, int64_t first, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride) {
  auto offsets = static_cast<const Offset *>(column.offsets);
  if (!offsets) {
    write_missing(rows, cells, stride);
    return Status::OK();
  }
  int64_t start = offsets[first], length = offsets[first + rows] - start;
  if (start < 0 || length < 0 || (length > 0 && !column.values)) return Status::Invalid("text offsets are out of order");
  uint8_t *to = arena.reserve(length);
  if (length > 0) memcpy(to, static_cast<const uint8_t *>(column.values) + start, static_cast<size_t>(length));
  uint32_t base = arena.commit(length);
  for (int64_t row = first; row < first + rows; row++, cells += stride) {
    bool is_missing = column.validity && !bit_at(column.validity, row + column.bit_offset);
    *cells = is_missing ? missing_cell : cell_at(base + static_cast<uint32_t>(offsets[row] - start), offsets[row + 1] - offsets[row]);
  }
  return Status::OK();
}
}  // namespace

Status write_array(const ColumnView &column, int64_t first, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride) {
  using Kind = ColumnView::Kind;
  switch (column.kind) {
    case Kind::none: write_missing(rows, cells, stride); break;
    case Kind::text32: return copy_texts<int32_t>(column, first, rows, arena, cells, stride);
    case Kind::text64: return copy_texts<int64_t>(column, first, rows, arena, cells, stride);
    case Kind::int64: print_values<int64_t>(column, first, rows, arena, cells, stride, PrintInteger{}); break;
    case Kind::float64: print_values<double>(column, first, rows, arena, cells, stride, PrintDouble{}); break;
    case Kind::float32: print_values<float>(column, first, rows, arena, cells, stride, PrintFloat{}); break;
    case Kind::date: print_values<int32_t>(column, first, rows, arena, cells, stride, PrintDate{}); break;
    case Kind::timestamp:
      print_values<int64_t>(column, first, rows, arena, cells, stride, PrintTimestamp{column.scale, column.utc});
      break;
    case Kind::boolean:
      if (!column.values) write_missing(rows, cells, stride);
      else
        print(column, first, rows, arena, cells, stride, PrintBoolean{},
              [&](int64_t row) { return bit_at(column.values, row + column.bit_offset); });
      break;
  }
  return Status::OK();
}
}  // namespace sarrow
