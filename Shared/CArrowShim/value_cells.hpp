#pragma once
#include "cell_arena.hpp"
#include "value_printers.hpp"

namespace sarrow {
/// Gives values the cells of their canonical texts.
template <class Printer>
class ValueCells {
 public:
  explicit ValueCells(Printer printer = {}) : printer_(printer) {}
  void begin_batch() {}

  /// The cells of `n` values that stand one behind the other.
  template <class Value>
  void write(const Value *values, size_t n, CellArena &arena, sarrow_cell *cells) {
    write_each(n, arena, [&](size_t k) { return values[k]; }, [&](size_t k) -> sarrow_cell & { return cells[k]; });
  }

  template <class Value, class Cell>
  void write_each(size_t n, CellArena &arena, Value value, Cell cell) {
    uint8_t *start = arena.reserve(static_cast<int64_t>(n) * longest_value), *to = start;
    uint32_t offset = arena.commit(0);
    for (size_t k = 0; k < n; k++) {
      size_t length = printer_(value(k), to);
      cell(k) = cell_at(offset, static_cast<int64_t>(length));
      to += length;
      offset += static_cast<uint32_t>(length);
    }
    arena.commit(to - start);
  }

 private:
  Printer printer_;
};

/// Booleans share two texts.
class BooleanCells {
 public:
  void begin_batch() { is_written_ = false; }

  void write(const bool *values, size_t n, CellArena &arena, sarrow_cell *cells) {
    write_each(n, arena, [&](size_t k) { return values[k]; }, [&](size_t k) -> sarrow_cell & { return cells[k]; });
  }

  template <class Value, class Cell>
  void write_each(size_t n, CellArena &arena, Value value, Cell cell) {
    if (!is_written_) {
      const bool both[] = {false, true};
      ValueCells<PrintBoolean>().write(both, 2, arena, texts_);
      is_written_ = true;
    }
    for (size_t k = 0; k < n; k++) cell(k) = texts_[value(k) ? 1 : 0];
  }

 private:
  bool is_written_ = false;
  sarrow_cell texts_[2];
};
}  // namespace sarrow
