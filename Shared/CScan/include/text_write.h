// Printing of rows as CSV and JSON Lines, straight from the cells of a batch.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The cells of a batch as Swift's `Cell`: low 32 bits offset, high 32 bits meta (bit 31 arena, bit 30 missing, 30 bits length).
typedef struct {
  const uint64_t *cells;
  size_t columns;
  const uint8_t *base;
  const uint8_t *arena;
} cscan_batch;

/// What is written of a batch: `map[c]` is the batch's column of output column `c`, or -1 for one that is missing throughout.
typedef struct {
  const int64_t *map;
  /// Swift's order of ColumnType: 0 text, 1 integer, 2 decimal, 3 boolean, 4 date, 5 timestamp.
  const uint8_t *types;
  size_t columns;
  /// Put an apostrophe before text that a spreadsheet would run (CSV only).
  int spreadsheet_safe;
  /// JSON Lines only: the text before each value (`{"a":`, `,"b":`), one after the other, and where each ends.
  const uint8_t *keys;
  const size_t *key_ends;
} cscan_row_format;

/// An upper bound of the bytes that `cscan_csv_rows` writes.
size_t cscan_csv_bound(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n);
/// Writes rows as RFC 4180 with line feeds; returns the bytes written.
size_t cscan_csv_rows(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n, uint8_t *out);
/// Writes one text as a CSV field; `out` has room for 2 n + 20 bytes.
size_t cscan_csv_text(const uint8_t *p, size_t n, int spreadsheet_safe, uint8_t *out);
size_t cscan_json_bound(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n);
/// Writes one JSON object per line; returns the bytes written.
size_t cscan_json_rows(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n, uint8_t *out);
/// Writes one text as a JSON string with its quotes; `out` has room for 6 n + 20 bytes.
size_t cscan_json_text(const uint8_t *p, size_t n, uint8_t *out);
