#pragma once
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace sarrow {
/// What Arrow reads of the pages of one column: levels and values, or levels and indices into a dictionary. Throws ParquetException.
template <class Type>
struct DirectPages {
  using Value = typename Type::c_type;
  std::shared_ptr<parquet::TypedColumnReader<Type>> reader;
  /// A value is missing when its level is lower; 0: there is always one, and there are no levels.
  int16_t full_level;
  /// Every data page has indices.
  bool is_coded;
  /// Row that comes next.
  int64_t row = 0;
  std::vector<int16_t> levels;
  std::unique_ptr<Value[]> values;
  std::vector<int32_t> indices;
  const Value *dictionary = nullptr;
  int32_t dictionary_size = 0;
  int64_t room = 0;

  DirectPages(parquet::RowGroupReader &group, int column, bool may_be_coded = true) {
    auto made = may_be_coded ? group.ColumnWithExposeEncoding(column, parquet::ExposedEncoding::DICTIONARY) : group.Column(column);
    full_level = made->descr()->max_definition_level();
    is_coded = made->GetExposedEncoding() == parquet::ExposedEncoding::DICTIONARY;
    reader = std::static_pointer_cast<parquet::TypedColumnReader<Type>>(std::move(made));
  }

  void reserve(int64_t rows) {
    if (rows <= room) return;
    room = rows;
    auto n = static_cast<size_t>(rows);
    if (full_level > 0) levels.resize(n);
    if (is_coded) indices.resize(n);
    else values = std::make_unique<Value[]>(n);
  }

  void skip_to(int64_t wanted) {
    while (row < wanted) {
      int64_t skipped = reader->Skip(wanted - row);
      if (skipped <= 0) throw parquet::ParquetException("a column has fewer rows than its row group");
      row += skipped;
    }
  }

  struct Piece {
    int64_t rows;
    /// Of those, how many are not missing.
    int64_t values;
  };

  /// Reads `rows` rows from `start` on, and passes over those before it; returns how many are not missing.
  int64_t read(int64_t start, int64_t rows) {
    reserve(rows);
    skip_to(start);
    int64_t present = 0;
    for (int64_t done = 0; done < rows;) {
      auto piece = next(rows - done, done, present);
      done += piece.rows;
      present += piece.values;
    }
    return present;
  }

  /// Reads up to `n` rows, of one page; their levels and values go to the given places.
  Piece next(int64_t n, int64_t level_at, int64_t value_at) {
    if (!reader->HasNext()) throw parquet::ParquetException("a column has fewer rows than its row group");
    int16_t *to = full_level > 0 ? levels.data() + level_at : nullptr;
    int64_t got = 0;
    int64_t rows =
        is_coded ? reader->ReadBatchWithDictionary(n, to, nullptr, indices.data() + value_at, &got, &dictionary, &dictionary_size)
                 : reader->ReadBatch(n, to, nullptr, values.get() + value_at, &got);
    int64_t present = to ? std::count(to, to + rows, full_level) : rows;
    if (rows <= 0 || present != got) throw parquet::ParquetException("a page has fewer values than it announces");
    if (is_coded) {
      uint32_t largest = 0;
      for (int64_t i = 0; i < got; i++) largest = std::max(largest, static_cast<uint32_t>(indices.data()[value_at + i]));
      if (got > 0 && largest >= static_cast<uint32_t>(dictionary_size))
        throw parquet::ParquetException("a dictionary index is out of range");
    }
    row += rows;
    return {rows, got};
  }
};
}  // namespace sarrow
