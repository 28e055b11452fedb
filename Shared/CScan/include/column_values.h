// From the cells of one column to the buffers of a Parquet column chunk: dictionary, parsing, bit packing.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "text_write.h"

/// A run of bytes that somebody else owns.
typedef struct {
  const uint8_t *p;
  size_t n;
} cscan_text;

/// Collects one column row by row: which rows have a value, and the values, as a dictionary while that pays.
typedef struct {
  /// Empty text counts as missing.
  int typed;
  /// The dictionary was given up: `values` has one entry per present row, `indices` none.
  int plain;
  size_t rows;
  size_t present;
  /// Bit per row, least significant first.
  uint8_t *validity;
  uint32_t *indices;
  /// Distinct values in order of first appearance, or all values.
  cscan_text *values;
  size_t value_count;
  /// Bytes of the distinct values, and of all.
  size_t distinct_bytes;
  size_t total_bytes;

  uint64_t *hashes;
  uint32_t *slots;
  size_t slot_mask;
  size_t row_capacity;
  size_t value_capacity;
} cscan_column;

/// 0 on success, -1 when out of memory. `row_capacity` is the number of rows that will be added at most.
int cscan_column_init(cscan_column *c, int typed, size_t row_capacity);
/// Adds rows `rows[0..<n]` of output column `column`; the cells' bytes must outlive the column. 0, or -1 when out of memory.
int cscan_column_add(cscan_column *c, const cscan_batch *b, const int64_t *rows, size_t n, int64_t column);
/// Adds one row per text; a text whose `p` is NULL is missing.
int cscan_column_add_texts(cscan_column *c, const cscan_text *texts, size_t n);
/// Chooses between dictionary and plain for good. `width` is the size of a plain value in bytes, 0 for text.
int cscan_column_finish(cscan_column *c, size_t width);
void cscan_column_free(cscan_column *c);

/// Parses canonical text; returns the index of the first value that is not canonical, or `n`.
size_t cscan_parse_integers(const cscan_text *v, size_t n, int64_t *out);
size_t cscan_parse_doubles(const cscan_text *v, size_t n, double *out);
size_t cscan_parse_booleans(const cscan_text *v, size_t n, uint8_t *out);
/// Days since 1970-01-01.
size_t cscan_parse_dates(const cscan_text *v, size_t n, int32_t *out);
/// Microseconds since 1970-01-01T00:00:00; `utc`: every value must end in Z, else none may have a zone.
size_t cscan_parse_timestamps(const cscan_text *v, size_t n, int utc, int64_t *out);

/// Size of the PLAIN encoding of texts, and the encoding: 4 bytes of length, then the bytes.
size_t cscan_plain_text_bytes(const cscan_text *v, size_t n);
void cscan_plain_text(const cscan_text *v, size_t n, uint8_t *out);
/// The least and the greatest text, compared by bytes. n > 0.
void cscan_text_range(const cscan_text *v, size_t n, cscan_text *least, cscan_text *greatest);

/// Parquet's hybrid of run lengths and bit packing; `out` has room for `cscan_hybrid_bound(n, width)` bytes.
size_t cscan_hybrid_bound(size_t n, int width);
size_t cscan_hybrid(const uint32_t *values, size_t n, int width, uint8_t *out);
/// Number of set bits in bits `from..<to`.
size_t cscan_count_bits(const uint8_t *bits, size_t from, size_t to);
