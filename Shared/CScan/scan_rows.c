#include "cscan.h"
#include "scan_masks.h"
#include "scan_quotes.h"

#define MISSING ((uint64_t)1 << 62)

/// Takes the rows of one block after another. The masks come from `load`, which is a vector kernel or the portable one.
#define ROWS_BODY(LOAD, PARITY)                                                                                        \
  const uint8_t *const p = scan->base;                                                                                 \
  const uint8_t quote = scan->quote, delimiter = scan->delimiter;                                                      \
  const int quoting = quote != delimiter, escaping = scan->escape != delimiter;                                        \
  const uint64_t width = scan->width, stride = scan->stride, end = scan->end;                                          \
  uint64_t *row_cells = scan->cells, *out = row_cells;                                                                 \
  uint64_t rows = 0, blank = 0, escaped = 0;                                                                           \
  uint64_t row_start = scan->position, cell_start = row_start, last_doubled = 0;                                       \
  int any_doubled = 0, result = CSCAN_SCAN_RECORD;                                                                      \
  quote_state state = quote_start;                                                                                     \
  for (uint64_t at = row_start; at < end; at += 64) {                                                                  \
    uint64_t delimiters, ends, quotes, returns, escapes;                                                               \
    LOAD(p + at);                                                                                                      \
    if (end - at < 64) {                                                                                               \
      const uint64_t valid = ((uint64_t)1 << (end - at)) - 1;                                                          \
      delimiters &= valid, ends &= valid, quotes &= valid, returns &= valid, escapes &= valid;                         \
    }                                                                                                                  \
    uint64_t separators, faults = 0;                                                                                   \
    if (!(quotes | escapes | state.inside | state.after_close | state.after_close_cr)) {                               \
      separators = delimiters | ends;                                                                                  \
      state.after_separator = separators >> 63;                                                                        \
    } else {                                                                                                           \
      quote_block block = read_quotes(&state, quotes, PARITY(quotes), delimiters, ends, returns, escapes, escaping);   \
      separators = block.separators;                                                                                   \
      faults = block.faults;                                                                                           \
      if (faults) separators &= (faults & -faults) - 1;                                                                \
      if (block.doubled) {                                                                                             \
        any_doubled = 1;                                                                                               \
        last_doubled = at + 63 - (uint64_t)__builtin_clzll(block.doubled);                                             \
      }                                                                                                                \
    }                                                                                                                  \
    while (separators) {                                                                                               \
      const unsigned bit = (unsigned)__builtin_ctzll(separators);                                                      \
      separators &= separators - 1;                                                                                    \
      const uint64_t place = at + bit;                                                                                 \
      uint64_t length = place - cell_start;                                                                            \
      if (!(ends >> bit & 1)) {                                                                                        \
        const uint64_t quoted = quoting & (p[cell_start] == quote);                                                    \
        *out++ = (cell_start + quoted) | (length - 2 * quoted) << 32;                                                  \
        cell_start = place + 1;                                                                                        \
        continue;                                                                                                      \
      }                                                                                                                \
      if (length && p[place - 1] == '\r') {                                                                            \
        length--;                                                                                                      \
        if (length && p[place - 2] == '\r') length--;                                                                  \
      }                                                                                                                \
      if (place - row_start > scan->record_limit) goto stop;                                                           \
      const uint64_t before = (uint64_t)(out - row_cells);                                                             \
      if (before + 1 != width) {                                                                                       \
        if (before == 0 && length == 0) {                                                                              \
          blank++;                                                                                                     \
          row_start = cell_start = place + 1;                                                                          \
          continue;                                                                                                    \
        }                                                                                                              \
        if (!scan->accepts_any_width || before >= stride || (before == 0 && is_blank(p + cell_start, length))) goto stop; \
      }                                                                                                                \
      const uint64_t quoted = quoting & (p[cell_start] == quote);                                                      \
      *out++ = (cell_start + quoted) | (length - 2 * quoted) << 32;                                                    \
      row_cells += stride;                                                                                             \
      while (out < row_cells) *out++ = MISSING;                                                                        \
      if (any_doubled && last_doubled >= row_start) scan->escaped[escaped++] = (uint32_t)rows;                         \
      rows++;                                                                                                          \
      row_start = cell_start = place + 1;                                                                              \
      if (rows == scan->row_capacity || escaped == scan->escaped_capacity) {                                           \
        result = CSCAN_SCAN_FULL;                                                                                       \
        goto stop;                                                                                                     \
      }                                                                                                                \
    }                                                                                                                  \
    if (faults || (uint64_t)(out - row_cells) > stride) goto stop;                                                     \
  }                                                                                                                    \
  if (row_start == end) result = CSCAN_SCAN_DONE;                                                                       \
  stop:                                                                                                                \
  scan->position = row_start;                                                                                          \
  scan->rows = rows;                                                                                                   \
  scan->blank_lines = blank;                                                                                           \
  scan->escaped_count = escaped;                                                                                       \
  return result;

static inline int is_blank(const uint8_t *p, uint64_t n) {
  for (uint64_t i = 0; i < n; i++)
    if (p[i] != ' ' && p[i] != '\t') return 0;
  return 1;
}

static int rows_portable(cscan_scan_rows_t *scan) {
#define LOAD_PORTABLE(at)                        \
  delimiters = mask_portable(at, delimiter);     \
  ends = mask_portable(at, '\n');                \
  quotes = quoting ? mask_portable(at, quote) : 0; \
  returns = quoting ? mask_portable(at, '\r') : 0; \
  escapes = escaping ? mask_portable(at, scan->escape) : 0;
  ROWS_BODY(LOAD_PORTABLE, parity_portable)
}

#if defined(__x86_64__)
static CSCAN_AVX2 int rows_avx2(cscan_scan_rows_t *scan) {
  const __m256i vector_delimiter = _mm256_set1_epi8((char)scan->delimiter), vector_end = _mm256_set1_epi8('\n');
  const __m256i vector_quote = _mm256_set1_epi8((char)scan->quote), vector_return = _mm256_set1_epi8('\r');
  const __m256i vector_escape = _mm256_set1_epi8((char)scan->escape);
#define LOAD_AVX2(at)                                                        \
  const __m256i low = _mm256_loadu_si256((const __m256i *)(at));             \
  const __m256i high = _mm256_loadu_si256((const __m256i *)((at) + 32));     \
  delimiters = mask_avx2(low, high, vector_delimiter);                       \
  ends = mask_avx2(low, high, vector_end);                                   \
  quotes = quoting ? mask_avx2(low, high, vector_quote) : 0;                 \
  returns = quotes | state.after_close | state.inside ? mask_avx2(low, high, vector_return) : 0; \
  escapes = escaping ? mask_avx2(low, high, vector_escape) : 0;
  ROWS_BODY(LOAD_AVX2, parity_avx2)
}
#endif

int cscan_scan_rows(cscan_scan_rows_t *scan) {
#if defined(__x86_64__)
  if (has_avx2()) return rows_avx2(scan);
#endif
  return rows_portable(scan);
}

int cscan_scan_rows_portable(cscan_scan_rows_t *scan) { return rows_portable(scan); }
