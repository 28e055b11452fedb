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

/// One column in a layout of sarrow_column; keeps the memory alive.
struct FlatColumn {
  sarrow_column view;
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
