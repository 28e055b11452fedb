#pragma once
#include <arrow/util/utf8.h>
#include <parquet/types.h>

#include <cstring>
#include <string>

#include "cell_arena.hpp"
#include "flatten.hpp"

namespace sarrow {
/// Gives texts their cells; bytes that are no text are spelled in hexadecimal.
class TextCells {
 public:
  void begin_batch() {}

  /// The cells of `n` values that stand one behind the other.
  void write(const parquet::ByteArray *values, size_t n, CellArena &arena, sarrow_cell *cells) {
    if (n == 0) return;
    // In a plain page texts stand one behind the other, with their lengths between: one copy, and one look for bytes that are
    // not ASCII, serve all of them. Lengths of 128 and more look like such bytes: then each text is looked at.
    bool in_line = true;
    for (size_t k = 1; k < n; k++) in_line &= values[k].ptr == values[k - 1].ptr + values[k - 1].len + sizeof(uint32_t);
    if (in_line) {
      const uint8_t *start = values[0].ptr;
      int64_t length = values[n - 1].ptr + values[n - 1].len - start;
      if (is_ascii(start, length)) {
        memcpy(arena.reserve(length), start, static_cast<size_t>(length));
        uint32_t offset = arena.commit(length);
        for (size_t k = 0; k < n; k++) cells[k] = cell_at(offset + static_cast<uint32_t>(values[k].ptr - start), values[k].len);
        return;
      }
    }
    write_each(n, arena, [&](size_t k) { return values[k]; }, [&](size_t k) -> sarrow_cell & { return cells[k]; });
  }

  /// Copies `n` texts, one by one, into room that is taken once.
  template <class Value, class Cell>
  void write_each(size_t n, CellArena &arena, Value value, Cell cell) {
    int64_t total = 0;
    for (size_t k = 0; k < n; k++) total += value(k).len;
    uint8_t *start = arena.reserve(total), *to = start;
    uint32_t offset = arena.commit(total);
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

 private:
  static bool is_ascii(const uint8_t *p, int64_t n) {
    uint8_t bits = 0;
    for (int64_t i = 0; i < n; i++) bits |= p[i];
    return bits < 0x80;
  }

  /// Another cell for bytes that are no text.
  static void spell(const parquet::ByteArray &value, CellArena &arena, sarrow_cell *cell) {
    if (arrow::util::ValidateUTF8(value.ptr, value.len)) return;
    std::string text;
    append_hex({reinterpret_cast<const char *>(value.ptr), value.len}, &text);
    auto length = static_cast<int64_t>(text.size());
    memcpy(arena.reserve(length), text.data(), text.size());
    *cell = cell_at(arena.commit(length), length);
  }
};
}  // namespace sarrow
