// Structural scanning of delimited text: 64 bytes at a time, with masks of quotes, delimiters and line ends.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Why a scan stopped.
enum {
  /// Everything up to `end` (or to the wanted place) was taken.
  CSCAN_SCAN_DONE = 0,
  /// The row capacity or the list of escaped rows is full.
  CSCAN_SCAN_FULL = 1,
  /// The record at `position` is not one clean line of the regular width (or has no line end): read it some other way.
  CSCAN_SCAN_RECORD = 2,
};

typedef struct {
  const uint8_t *base;   ///< 64 bytes behind `end` must be readable
  uint64_t position;     ///< in: start of a record; out: start of the first record that was not taken
  uint64_t end;
  uint8_t delimiter;
  uint8_t quote;         ///< equal to the delimiter: no quoting
  uint8_t escape;        ///< equal to the delimiter: a quote is escaped by doubling
  uint8_t accepts_any_width;  ///< take rows of 1...stride cells
  uint32_t width;        ///< cells of a regular row, at least 2
  uint32_t stride;       ///< cells per row in `cells`, at least `width`; cells behind the row's last one are set missing
  uint64_t record_limit;  ///< longer lines are not taken, in bytes
  uint64_t *cells;       ///< room for row_capacity * stride + stride + 64 cells
  uint64_t row_capacity;
  uint64_t rows;         ///< out
  uint64_t blank_lines;  ///< out: empty lines, which are no rows
  uint32_t *escaped;     ///< out: rows that may hold doubled quotes, ascending
  uint64_t escaped_capacity;
  uint64_t escaped_count;  ///< out
} cscan_scan_rows_t;

/// Writes the cells of clean rows: offset | length << 32, quotes around a cell left out.
int cscan_scan_rows(cscan_scan_rows_t *scan);
/// The same without vector instructions, for tests.
int cscan_scan_rows_portable(cscan_scan_rows_t *scan);

typedef struct {
  const uint8_t *base;  ///< 64 bytes behind `end` must be readable
  uint64_t position;    ///< in: start of a record; out: start of the first record that was not passed
  uint64_t end;
  uint64_t record_limit;  ///< stop before a longer line, in bytes
  uint64_t wanted;      ///< stop at the first record that starts here or later
  uint8_t delimiter;
  uint8_t quote;        ///< equal to the delimiter: no quoting
  uint8_t escape;       ///< equal to the delimiter: a quote is escaped by doubling
  uint64_t lines;       ///< out: line ends passed
} cscan_scan_lines_t;

/// Passes over records that are one clean line each, of any width.
int cscan_scan_lines(cscan_scan_lines_t *scan);
/// The same without vector instructions, for tests.
int cscan_scan_lines_portable(cscan_scan_lines_t *scan);

/// 1 when the bytes are valid UTF-8.
int cscan_utf8_valid(const uint8_t *p, size_t n);

/// Counts the bytes equal to `byte`.
size_t cscan_count(const uint8_t *p, size_t n, uint8_t byte);

#ifdef __cplusplus
}
#endif
