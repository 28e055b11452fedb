#pragma once
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>

#include <memory>
#include <optional>

#include "sarrow.h"

namespace sarrow {
/// A leaf that is read from its pages, without an Arrow array in between: no list around it, values of a common type.
struct DirectLeaf {
  /// Of the Parquet schema.
  int column;
  /// SARROW_TEXT32 stands for text of any length.
  int kind;
  bool utc;
  int64_t scale;
};

/// None: Arrow reads the leaf.
std::optional<DirectLeaf> direct_leaf(const parquet::arrow::SchemaField &field, const parquet::SchemaDescriptor &schema);

/// One column of a row group, moving forward. Where every value is in a dictionary, an entry gets its text once per batch.
class DirectColumn {
 public:
  virtual ~DirectColumn() = default;
  static std::unique_ptr<DirectColumn> open(parquet::RowGroupReader &group, const DirectLeaf &leaf);

  /// Cells that are written from here on belong to another arena.
  virtual void begin_batch() = 0;
  /// Reads `rows` rows from `row` of the row group on, and passes over those before it. Writes the cells of texts; of other
  /// kinds `values` is what is still to be printed, for `place`.
  virtual arrow::Status read(int64_t row, int64_t rows, const sarrow_arena &arena, sarrow_cell *cells, int64_t stride,
                             sarrow_column *values) = 0;
  /// Puts the printed values of the last `read` into the cells of its rows.
  virtual void place(const sarrow_cell *printed, sarrow_cell *cells, int64_t stride) = 0;
};
}  // namespace sarrow
