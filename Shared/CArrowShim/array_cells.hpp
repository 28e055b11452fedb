#pragma once
#include "cell_arena.hpp"
#include "flatten.hpp"

namespace sarrow {
/// Writes the cells of some rows of a decoded column, `stride` apart. Texts are UTF-8 already.
arrow::Status write_array(const ColumnView &column, int64_t first, int64_t rows, CellArena &arena, sarrow_cell *cells, int64_t stride);
}  // namespace sarrow
