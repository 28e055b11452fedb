// Kernels over runs of 8-byte cells (see Tabular.Cell): {uint32 offset, uint32 meta}; bit 31 of meta: in the arena, bit 30: missing.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// XXH3 of `count` cells, `stride` cells apart; 0 for a missing or empty cell, never 0 else. Seed 0.
void cscan_hash_cells(const void *cells, size_t stride, size_t count, const uint8_t *base, const uint8_t *arena,
                      uint64_t *out);

/// What a cell must look like to be left alone.
enum {
  CSCAN_TEXT = 0,      // printable ASCII, no outer or double blank, and no candidate for a null word
  CSCAN_NUMBER = 1,    // canonical number: -?(0|[1-9]d*)(.d*[1-9])?, at most 15 digits; with `lengths` = k exactly k digits behind the point
  CSCAN_DATE = 2,      // dddd-dd-dd (the calendar is not checked)
  CSCAN_TIMESTAMP = 3  // dddd-dd-ddTdd:dd:dd, then nothing or Z
};

/// Writes the indices (0..<count) of the cells that are neither empty-and-missing nor already normal; returns how many.
/// Text: a cell is also listed when its length is in `lengths` (bit = length, up to 31) and its first byte, folded to lower case,
/// is in the 256-bit set `firsts`: it may be a null word. An empty cell that is not missing is listed.
size_t cscan_odd_cells(const void *cells, size_t stride, size_t count, const uint8_t *base, const uint8_t *arena,
                       int kind, const uint64_t *firsts, uint32_t lengths, uint32_t *out);

/// 1 when the text is printable ASCII without outer or double blanks. `n` is at least 1.
int cscan_is_plain(const uint8_t *p, size_t n);

#ifdef __cplusplus
}
#endif
