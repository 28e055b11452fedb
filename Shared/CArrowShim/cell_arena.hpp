#pragma once
#include <parquet/exception.h>

#include <cstdint>

#include "sarrow.h"

namespace sarrow {
/// The caller's room for texts.
class CellArena {
 public:
  explicit CellArena(sarrow_arena *arena) : arena_(arena) {}

  /// Room for `n` bytes; valid until the next call.
  uint8_t *reserve(int64_t n) {
    if (n > arena_->capacity - arena_->count && !arena_->grow(arena_, n))
      throw parquet::ParquetStatusException(arrow::Status::CapacityError("a chunk holds more than 1 GiB of text"));
    return arena_->base + arena_->count;
  }
  /// Keeps `n` of the reserved bytes; returns their offset.
  uint32_t commit(int64_t n) {
    auto offset = static_cast<uint32_t>(arena_->count);
    arena_->count += n;
    return offset;
  }

 private:
  sarrow_arena *arena_;
};

inline constexpr sarrow_cell missing_cell = {0, SARROW_CELL_MISSING};
inline sarrow_cell cell_at(uint32_t offset, int64_t length) { return {offset, static_cast<uint32_t>(length) | SARROW_CELL_ARENA}; }
}  // namespace sarrow
