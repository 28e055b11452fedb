#pragma once
#include <arrow/api.h>

#include <string>
#include <string_view>
#include <vector>

#include "sarrow.h"

namespace sarrow {
/// A leaf after structs were flattened.
struct Leaf {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  int declared;
};

/// How the values of a decoded column are laid out.
struct ColumnView {
  enum class Kind {
    /// Nothing but missing values.
    none,
    /// `offsets` (32 bits) into `values`.
    text32,
    /// `offsets` (64 bits) into `values`.
    text64,
    int64,
    float64,
    float32,
    /// Bits.
    boolean,
    /// 32-bit days since 1970-01-01.
    date,
    /// 64-bit nanoseconds since 1970-01-01 when `scale` is 1000, microseconds when it is 1.
    timestamp,
  };
  Kind kind;
  /// Timestamps: instants (UTC), not local times.
  bool utc;
  int64_t scale;
  int64_t rows;
  /// Bit per row, least significant first; null when nothing is missing.
  const uint8_t *validity;
  /// First bit of this column in `validity`, and in `values` of booleans. `offsets` and other `values` begin at row 0.
  int64_t bit_offset;
  const void *values;
  const void *offsets;
};

/// A column with the memory that it looks at.
struct FlatColumn {
  ColumnView view;
  std::shared_ptr<arrow::Array> array;
  std::shared_ptr<arrow::Buffer> extra;
};

/// The leaves of a schema, in order.
arrow::Status flatten_schema(const arrow::Schema &schema, std::vector<Leaf> *out);
/// The columns of a batch, one per leaf.
arrow::Status flatten_batch(const arrow::RecordBatch &batch, arrow::MemoryPool *pool, std::vector<FlatColumn> *out);

/// Appends bytes that are no text: `0x00ff`.
void append_hex(std::string_view bytes, std::string *out);
/// Appends value `i` as JSON.
arrow::Status append_json(const arrow::Array &array, int64_t i, std::string *out, int depth = 0);
/// Appends value `i`, which is not missing, as plain text: ISO 8601 times, exact decimals, bytes as UTF-8 or hexadecimal.
arrow::Status append_text(const arrow::Array &array, int64_t i, std::string *out);
}  // namespace sarrow
