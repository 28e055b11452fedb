#pragma once
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>

#include <memory>
#include <optional>

#include "cell_arena.hpp"

namespace sarrow {
/// A leaf that is read from its pages, without an Arrow array in between: no list around it, values of a common type.
struct DirectLeaf {
  enum class Kind { text, boolean, int32, int64, float32, float64, date, timestamp };
  /// Of the Parquet schema.
  int column;
  Kind kind;
  bool utc;
  int64_t scale;
};

/// None: Arrow reads the leaf.
std::optional<DirectLeaf> direct_leaf(const parquet::arrow::SchemaField &field, const parquet::SchemaDescriptor &schema);

/// One column of a row group, moving forward. An entry of a dictionary gets its text once per batch.
class DirectColumn {
 public:
  virtual ~DirectColumn() = default;
  static std::unique_ptr<DirectColumn> open(parquet::RowGroupReader &group, const DirectLeaf &leaf, arrow::MemoryPool *pool);

  /// Cells that are written from here on belong to another arena. `rows`: how many there will be.
  virtual void begin_batch(int64_t rows) = 0;
  /// Writes the cells of `rows` rows from `row` of the row group on, and passes over the rows before it.
  virtual arrow::Status read(int64_t row, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride) = 0;
};
}  // namespace sarrow
