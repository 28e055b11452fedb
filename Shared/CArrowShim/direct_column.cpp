#include "direct_column.hpp"

#include <arrow/api.h>
#include <arrow/util/utf8.h>

#include <cstring>

#include "direct_pages.hpp"
#include "flatten.hpp"

namespace sarrow {
using arrow::Status;
using arrow::Type;

namespace {
constexpr sarrow_cell missing = {0, SARROW_CELL_MISSING};
/// An entry of a dictionary that no cell of this batch has had yet.
constexpr sarrow_cell unprinted = {0, UINT32_MAX};
bool is_unprinted(sarrow_cell cell) { return cell.meta == UINT32_MAX; }

uint8_t *take(const sarrow_arena &arena, int64_t n, uint32_t *offset) {
  uint8_t *to = arena.take(arena.context, n, offset);
  if (!to) throw parquet::ParquetStatusException(Status::CapacityError("a chunk holds more than 1 GiB of text"));
  return to;
}
sarrow_cell cell_at(uint32_t offset, int64_t length) { return {offset, static_cast<uint32_t>(length) | SARROW_CELL_ARENA}; }

void prepare(std::vector<sarrow_cell> &entries, int32_t size) {
  if (entries.size() != static_cast<size_t>(size)) entries.assign(static_cast<size_t>(size), unprinted);
}

bool is_ascii(const uint8_t *p, int64_t n) {
  uint8_t bits = 0;
  for (int64_t i = 0; i < n; i++) bits |= p[i];
  return bits < 0x80;
}

/// Writes one cell per row: `of(k)` for the k-th of the values that are there.
template <class Pages, class Of>
void scatter(const Pages &pages, int64_t rows, int64_t values, sarrow_cell *cells, int64_t stride, Of of) {
  if (values == rows) {
    for (int64_t i = 0; i < rows; i++, cells += stride) *cells = of(i);
    return;
  }
  const int16_t *levels = pages.levels.data();
  for (int64_t i = 0, k = 0; i < rows; i++, cells += stride) *cells = levels[i] == pages.full_level ? of(k++) : missing;
}

class DirectTexts final : public DirectColumn {
 public:
  DirectTexts(parquet::RowGroupReader &group, int column) : pages_(group, column) {}
  void begin_batch() override { entries_.clear(); }
  void place(const sarrow_cell *, sarrow_cell *, int64_t) override {}

  Status read(int64_t row, int64_t rows, const sarrow_arena &arena, sarrow_cell *cells, int64_t stride, sarrow_column *values) override {
    BEGIN_PARQUET_CATCH_EXCEPTIONS
    *values = {};
    values->kind = SARROW_TEXT32;
    pages_.reserve(rows);
    pages_.skip_to(row);
    for (int64_t done = 0; done < rows;) {
      auto piece = pages_.next(rows - done, 0, 0);
      auto to = cells + done * stride;
      if (pages_.is_coded) {
        add_entries(piece.values, arena);
        scatter(pages_, piece.rows, piece.values, to, stride, [&](int64_t k) {
          return entries_[static_cast<size_t>(pages_.indices[static_cast<size_t>(k)])];
        });
      } else {
        copy_all(piece.values, arena);
        scatter(pages_, piece.rows, piece.values, to, stride, [&](int64_t k) { return printed_[static_cast<size_t>(k)]; });
      }
      done += piece.rows;
    }
    return Status::OK();
    END_PARQUET_CATCH_EXCEPTIONS
  }

 private:
  DirectPages<parquet::ByteArrayType> pages_;
  std::vector<sarrow_cell> entries_, printed_;

  /// Entries of the dictionary that get a cell.
  std::vector<size_t> new_;

  /// Sees to it that the entries of the first `n` values have cells.
  void add_entries(int64_t n, const sarrow_arena &arena) {
    prepare(entries_, pages_.dictionary_size);
    new_.clear();
    for (int64_t k = 0; k < n; k++) {
      auto index = static_cast<size_t>(pages_.indices[static_cast<size_t>(k)]);
      if (!is_unprinted(entries_[index])) continue;
      entries_[index] = missing;
      new_.push_back(index);
    }
    copy_each(new_.size(), arena, [&](size_t k) { return pages_.dictionary[new_[k]]; }, [&](size_t k) -> sarrow_cell & { return entries_[new_[k]]; });
  }

  /// The cells of the first `n` values.
  void copy_all(int64_t n, const sarrow_arena &arena) {
    printed_.resize(static_cast<size_t>(n));
    if (n == 0) return;
    const parquet::ByteArray *values = pages_.values.get();
    // In a plain page texts stand one behind the other, with their lengths between: one copy, and one look for bytes that are
    // not ASCII, serve all of them. Lengths of 128 and more look like such bytes: then each text is looked at.
    bool in_line = true;
    for (int64_t k = 1; k < n; k++) in_line &= values[k].ptr == values[k - 1].ptr + values[k - 1].len + sizeof(uint32_t);
    if (in_line) {
      const uint8_t *start = values[0].ptr;
      int64_t length = values[n - 1].ptr + values[n - 1].len - start;
      if (is_ascii(start, length)) {
        uint32_t offset;
        memcpy(take(arena, length, &offset), start, static_cast<size_t>(length));
        for (int64_t k = 0; k < n; k++)
          printed_[static_cast<size_t>(k)] = cell_at(offset + static_cast<uint32_t>(values[k].ptr - start), values[k].len);
        return;
      }
    }
    copy_each(static_cast<size_t>(n), arena, [&](size_t k) { return values[k]; }, [&](size_t k) -> sarrow_cell & { return printed_[k]; });
  }

  /// Copies `n` texts, one by one, into room that is taken once.
  template <class Value, class Cell>
  static void copy_each(size_t n, const sarrow_arena &arena, Value value, Cell cell) {
    int64_t total = 0;
    for (size_t k = 0; k < n; k++) total += value(k).len;
    uint32_t offset;
    uint8_t *start = take(arena, total, &offset), *to = start;
    for (size_t k = 0; k < n; k++) {
      parquet::ByteArray v = value(k);
      if (v.len > 0) memcpy(to, v.ptr, v.len);
      cell(k) = cell_at(offset, v.len);
      to += v.len;
      offset += v.len;
    }
    if (is_ascii(start, total)) return;
    // Valid as one text, with no cut inside a character: valid each.
    bool is_text = arrow::util::ValidateUTF8(start, total);
    for (size_t k = 0; k < n && is_text; k++) is_text = value(k).len == 0 || (value(k).ptr[0] & 0xC0) != 0x80;
    for (size_t k = 0; k < n && !is_text; k++) spell(value(k), arena, &cell(k));
  }

  /// Another cell for bytes that are no text.
  static void spell(const parquet::ByteArray &value, const sarrow_arena &arena, sarrow_cell *cell) {
    if (arrow::util::ValidateUTF8(value.ptr, value.len)) return;
    std::string text;
    append_hex({reinterpret_cast<const char *>(value.ptr), value.len}, &text);
    uint32_t offset;
    memcpy(take(arena, static_cast<int64_t>(text.size()), &offset), text.data(), text.size());
    *cell = cell_at(offset, static_cast<int64_t>(text.size()));
  }
};

/// Columns whose values the caller prints.
template <class ParquetType, class Out>
class DirectValues final : public DirectColumn {
 public:
  DirectValues(parquet::RowGroupReader &group, const DirectLeaf &leaf) : pages_(group, leaf.column), leaf_(leaf) {}
  void begin_batch() override { entries_.clear(); }

  Status read(int64_t row, int64_t rows, const sarrow_arena &, sarrow_cell *, int64_t, sarrow_column *values) override {
    BEGIN_PARQUET_CATCH_EXCEPTIONS
    rows_ = rows;
    present_ = pages_.read(row, rows);
    out_.clear();
    if (pages_.is_coded) {
      gather_new();
    } else {
      out_.resize(static_cast<size_t>(present_));
      for (size_t k = 0; k < out_.size(); k++) out_[k] = static_cast<Out>(pages_.values[k]);
    }
    *values = {};
    values->kind = leaf_.kind;
    values->utc = leaf_.utc;
    values->scale = leaf_.scale;
    values->rows = static_cast<int64_t>(out_.size());
    values->values = out_.data();
    return Status::OK();
    END_PARQUET_CATCH_EXCEPTIONS
  }

  void place(const sarrow_cell *printed, sarrow_cell *cells, int64_t stride) override {
    if (!pages_.is_coded) {
      scatter(pages_, rows_, present_, cells, stride, [&](int64_t k) { return printed[k]; });
      return;
    }
    for (size_t k = 0; k < new_.size(); k++) entries_[new_[k]] = printed[k];
    scatter(pages_, rows_, present_, cells, stride, [&](int64_t k) {
      return entries_[static_cast<size_t>(pages_.indices[static_cast<size_t>(k)])];
    });
  }

 private:
  DirectPages<ParquetType> pages_;
  DirectLeaf leaf_;
  /// Of the last `read`: rows, and those that are not missing.
  int64_t rows_ = 0, present_ = 0;
  std::vector<Out> out_;
  std::vector<sarrow_cell> entries_;
  /// Entries of the dictionary in `out_`.
  std::vector<size_t> new_;

  void gather_new() {
    prepare(entries_, pages_.dictionary_size);
    new_.clear();
    for (int64_t k = 0; k < present_; k++) {
      auto index = static_cast<size_t>(pages_.indices[static_cast<size_t>(k)]);
      if (!is_unprinted(entries_[index])) continue;
      entries_[index] = missing;
      new_.push_back(index);
      out_.push_back(static_cast<Out>(pages_.dictionary[index]));
    }
  }
};

/// Booleans are a dictionary of two entries that the format does not write down.
class DirectBooleans final : public DirectColumn {
 public:
  DirectBooleans(parquet::RowGroupReader &group, int column) : pages_(group, column, /*may_be_coded=*/false) {}
  void begin_batch() override {}

  Status read(int64_t row, int64_t rows, const sarrow_arena &, sarrow_cell *, int64_t, sarrow_column *values) override {
    BEGIN_PARQUET_CATCH_EXCEPTIONS
    rows_ = rows;
    present_ = pages_.read(row, rows);
    static const uint8_t both = 0b10;
    *values = {};
    values->kind = SARROW_BOOL;
    values->rows = 2;
    values->values = &both;
    return Status::OK();
    END_PARQUET_CATCH_EXCEPTIONS
  }

  void place(const sarrow_cell *printed, sarrow_cell *cells, int64_t stride) override {
    scatter(pages_, rows_, present_, cells, stride, [&](int64_t k) { return printed[pages_.values[static_cast<size_t>(k)] ? 1 : 0]; });
  }

 private:
  DirectPages<parquet::BooleanType> pages_;
  /// Of the last `read`: rows, and those that are not missing.
  int64_t rows_ = 0, present_ = 0;
};

bool is_text(const arrow::DataType &type) {
  switch (type.id()) {
    case Type::STRING: case Type::BINARY: case Type::LARGE_STRING: case Type::LARGE_BINARY: case Type::STRING_VIEW:
    case Type::BINARY_VIEW: return true;
    case Type::DICTIONARY: return is_text(*static_cast<const arrow::DictionaryType &>(type).value_type());
    default: return false;
  }
}
}  // namespace

std::optional<DirectLeaf> direct_leaf(const parquet::arrow::SchemaField &field, const parquet::SchemaDescriptor &schema) {
  if (!field.is_leaf() || field.column_index >= schema.num_columns()) return std::nullopt;
  auto &column = *schema.Column(field.column_index);
  if (column.max_repetition_level() > 0) return std::nullopt;
  DirectLeaf leaf{field.column_index, SARROW_NULL, false, 1};
  auto &type = *field.field->type();
  switch (column.physical_type()) {
    case parquet::Type::BYTE_ARRAY: if (is_text(type)) leaf.kind = SARROW_TEXT32; break;
    case parquet::Type::BOOLEAN: if (type.id() == Type::BOOL) leaf.kind = SARROW_BOOL; break;
    case parquet::Type::FLOAT: if (type.id() == Type::FLOAT) leaf.kind = SARROW_FLOAT; break;
    case parquet::Type::DOUBLE: if (type.id() == Type::DOUBLE) leaf.kind = SARROW_DOUBLE; break;
    case parquet::Type::INT32:
      if (type.id() == Type::INT32) leaf.kind = SARROW_INT64;
      if (type.id() == Type::DATE32) leaf.kind = SARROW_DATE;
      break;
    case parquet::Type::INT64:
      if (type.id() == Type::INT64) leaf.kind = SARROW_INT64;
      if (type.id() == Type::TIMESTAMP) {
        auto &t = static_cast<const arrow::TimestampType &>(type);
        // Coarser units may not fit into microseconds.
        if (t.unit() != arrow::TimeUnit::MICRO && t.unit() != arrow::TimeUnit::NANO) return std::nullopt;
        leaf.kind = SARROW_TIMESTAMP;
        leaf.utc = !t.timezone().empty();
        leaf.scale = t.unit() == arrow::TimeUnit::NANO ? 1000 : 1;
      }
      break;
    default: break;
  }
  if (leaf.kind == SARROW_NULL) return std::nullopt;
  return leaf;
}

std::unique_ptr<DirectColumn> DirectColumn::open(parquet::RowGroupReader &group, const DirectLeaf &leaf) {
  switch (leaf.kind) {
    case SARROW_TEXT32: return std::make_unique<DirectTexts>(group, leaf.column);
    case SARROW_BOOL: return std::make_unique<DirectBooleans>(group, leaf.column);
    case SARROW_FLOAT: return std::make_unique<DirectValues<parquet::FloatType, float>>(group, leaf);
    case SARROW_DOUBLE: return std::make_unique<DirectValues<parquet::DoubleType, double>>(group, leaf);
    case SARROW_DATE: return std::make_unique<DirectValues<parquet::Int32Type, int32_t>>(group, leaf);
    default: break;
  }
  if (group.metadata()->schema()->Column(leaf.column)->physical_type() == parquet::Type::INT32)
    return std::make_unique<DirectValues<parquet::Int32Type, int64_t>>(group, leaf);
  return std::make_unique<DirectValues<parquet::Int64Type, int64_t>>(group, leaf);
}
}  // namespace sarrow
