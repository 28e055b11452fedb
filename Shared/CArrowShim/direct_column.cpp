#include "direct_column.hpp"

#include <arrow/api.h>

#include "direct_pages.hpp"
#include "text_cells.hpp"
#include "value_cells.hpp"

namespace sarrow {
using arrow::Status;
using arrow::Type;

namespace {
/// An entry of a dictionary that no cell of this batch has had yet.
constexpr sarrow_cell unprinted = {0, UINT32_MAX};
bool is_unprinted(sarrow_cell cell) { return cell.meta == UINT32_MAX; }

int64_t bytes_of(const parquet::ByteArray &value) { return value.len; }
template <class Value>
int64_t bytes_of(const Value &) { return sizeof(Value); }

/// - Parameter Cells: gives values their cells.
template <class ParquetType, class Cells>
class PagedColumn final : public DirectColumn {
 public:
  PagedColumn(parquet::RowGroupReader &group, int column, arrow::MemoryPool *pool, Cells cells = Cells())
      : pages_(group, column, pool), cells_(std::move(cells)) {}

  void begin_batch(int64_t rows) override {
    entries_.clear();
    is_complete_ = false;
    batch_rows_ = rows;
    cells_.begin_batch();
  }

  Status read(int64_t row, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride) override {
    BEGIN_PARQUET_CATCH_EXCEPTIONS
    pages_.skip_to(row);
    for (int64_t done = 0; done < rows;) {
      auto piece = pages_.next(rows - done);
      auto to = cells + done * stride;
      if (piece.values == 0) {
        for (int64_t i = 0; i < piece.rows; i++) to[i * stride] = missing_cell;
      } else if (piece.is_coded) {
        print_entries(piece.values, arena);
        const int32_t *indices = pages_.indices();
        const sarrow_cell *entries = entries_.data();
        scatter(piece, to, stride, [=](int64_t k) { return entries[static_cast<uint32_t>(indices[k])]; });
      } else {
        // One more may be read.
        printed_.resize(static_cast<size_t>(piece.values) + 1);
        cells_.write(pages_.values(), static_cast<size_t>(piece.values), arena, printed_.data());
        const sarrow_cell *printed = printed_.data();
        scatter(piece, to, stride, [=](int64_t k) { return printed[k]; });
      }
      done += piece.rows;
    }
    return Status::OK();
    END_PARQUET_CATCH_EXCEPTIONS
  }

 private:
  /// A dictionary is printed as a whole if it is no larger.
  static constexpr int64_t most_bytes = 1 << 20;

  DirectPages<ParquetType> pages_;
  Cells cells_;
  int64_t batch_rows_ = 0;
  /// The cells of the dictionary's entries, and whether all have one.
  std::vector<sarrow_cell> entries_;
  bool is_complete_ = false;
  /// Entries that are to get a cell.
  std::vector<size_t> new_;
  std::vector<sarrow_cell> printed_;

  /// Writes one cell per row: `of(k)` for the k-th of the values that are there.
  template <class Of>
  void scatter(const typename DirectPages<ParquetType>::Piece &piece, sarrow_cell *cells, int64_t stride, Of of) {
    if (piece.is_full) {
      for (int64_t i = 0; i < piece.rows; i++, cells += stride) *cells = of(i);
      return;
    }
    const int16_t *levels = pages_.levels();
    const int16_t full = pages_.full_level();
    for (int64_t i = 0, k = 0; i < piece.rows; i++, cells += stride) {
      // No branch: who is missing cannot be foretold. Behind the last value one more may be looked at.
      bool is_there = levels[i] == full;
      sarrow_cell cell = of(k);
      cells->offset = is_there ? cell.offset : missing_cell.offset;
      cells->meta = is_there ? cell.meta : missing_cell.meta;
      k += is_there;
    }
  }

  /// Sees to it that the entries of the first `n` values have cells: all at once where that is little beside the batch.
  void print_entries(int64_t n, CellArena &arena) {
    if (is_complete_) return;
    auto size = static_cast<size_t>(pages_.dictionary_size());
    const auto *dictionary = pages_.dictionary();
    if (entries_.empty()) {
      entries_.assign(size, unprinted);
      int64_t bytes = 0;
      if (static_cast<int64_t>(size) <= batch_rows_ / 2)
        for (size_t i = 0; i < size; i++) bytes += bytes_of(dictionary[i]);
      is_complete_ = static_cast<int64_t>(size) <= batch_rows_ / 2 && bytes <= most_bytes;
      if (is_complete_) return cells_.write(dictionary, size, arena, entries_.data());
    }
    new_.clear();
    for (int64_t k = 0; k < n; k++) {
      auto index = static_cast<uint32_t>(pages_.indices()[k]);
      if (!is_unprinted(entries_[index])) continue;
      entries_[index] = missing_cell;
      new_.push_back(index);
    }
    cells_.write_each(
        new_.size(), arena, [&](size_t k) { return dictionary[new_[k]]; }, [&](size_t k) -> sarrow_cell & { return entries_[new_[k]]; });
  }
};

bool is_text(const arrow::DataType &type) {
  switch (type.id()) {
    case Type::STRING: case Type::BINARY: case Type::LARGE_STRING: case Type::LARGE_BINARY: case Type::STRING_VIEW:
    case Type::BINARY_VIEW: return true;
    case Type::DICTIONARY: return is_text(*static_cast<const arrow::DictionaryType &>(type).value_type());
    default: return false;
  }
}

/// What the values of a column of this type are; none: Arrow reads it.
std::optional<DirectLeaf::Kind> kind_of(parquet::Type::type physical, const arrow::DataType &type) {
  using Kind = DirectLeaf::Kind;
  switch (physical) {
    case parquet::Type::BYTE_ARRAY: if (is_text(type)) return Kind::text; break;
    case parquet::Type::BOOLEAN: if (type.id() == Type::BOOL) return Kind::boolean; break;
    case parquet::Type::FLOAT: if (type.id() == Type::FLOAT) return Kind::float32; break;
    case parquet::Type::DOUBLE: if (type.id() == Type::DOUBLE) return Kind::float64; break;
    case parquet::Type::INT32:
      if (type.id() == Type::INT32) return Kind::int32;
      if (type.id() == Type::DATE32) return Kind::date;
      break;
    case parquet::Type::INT64:
      if (type.id() == Type::INT64) return Kind::int64;
      if (type.id() == Type::TIMESTAMP) {
        // Coarser units may not fit into microseconds.
        auto unit = static_cast<const arrow::TimestampType &>(type).unit();
        if (unit == arrow::TimeUnit::MICRO || unit == arrow::TimeUnit::NANO) return Kind::timestamp;
      }
      break;
    default: break;
  }
  return std::nullopt;
}
}  // namespace

std::optional<DirectLeaf> direct_leaf(const parquet::arrow::SchemaField &field, const parquet::SchemaDescriptor &schema) {
  if (!field.is_leaf() || field.column_index >= schema.num_columns()) return std::nullopt;
  auto &column = *schema.Column(field.column_index);
  if (column.max_repetition_level() > 0) return std::nullopt;
  auto &type = *field.field->type();
  auto kind = kind_of(column.physical_type(), type);
  if (!kind) return std::nullopt;
  DirectLeaf leaf{field.column_index, *kind, false, 1};
  if (leaf.kind == DirectLeaf::Kind::timestamp) {
    auto &timestamp = static_cast<const arrow::TimestampType &>(type);
    leaf.utc = !timestamp.timezone().empty();
    leaf.scale = timestamp.unit() == arrow::TimeUnit::NANO ? 1000 : 1;
  }
  return leaf;
}

std::unique_ptr<DirectColumn> DirectColumn::open(parquet::RowGroupReader &group, const DirectLeaf &leaf, arrow::MemoryPool *pool) {
  using Kind = DirectLeaf::Kind;
  int c = leaf.column;
  switch (leaf.kind) {
    case Kind::text: return std::make_unique<PagedColumn<parquet::ByteArrayType, TextCells>>(group, c, pool);
    case Kind::boolean: return std::make_unique<PagedColumn<parquet::BooleanType, BooleanCells>>(group, c, pool);
    case Kind::int32: return std::make_unique<PagedColumn<parquet::Int32Type, ValueCells<PrintInteger>>>(group, c, pool);
    case Kind::int64: return std::make_unique<PagedColumn<parquet::Int64Type, ValueCells<PrintInteger>>>(group, c, pool);
    case Kind::float32: return std::make_unique<PagedColumn<parquet::FloatType, ValueCells<PrintFloat>>>(group, c, pool);
    case Kind::float64: return std::make_unique<PagedColumn<parquet::DoubleType, ValueCells<PrintDouble>>>(group, c, pool);
    case Kind::date: return std::make_unique<PagedColumn<parquet::Int32Type, ValueCells<PrintDate>>>(group, c, pool);
    case Kind::timestamp: {
      ValueCells<PrintTimestamp> cells({leaf.scale, leaf.utc});
      return std::make_unique<PagedColumn<parquet::Int64Type, ValueCells<PrintTimestamp>>>(group, c, pool, cells);
    }
  }
  return nullptr;
}
}  // namespace sarrow
