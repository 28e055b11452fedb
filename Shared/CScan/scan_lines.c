#include "cscan.h"
#include "scan_masks.h"
#include "scan_quotes.h"

#define LINES_BODY(LOAD, PARITY)                                                                                       \
  const uint8_t *const p = scan->base;                                                                                 \
  const int quoting = scan->quote != scan->delimiter, escaping = scan->escape != scan->delimiter;                      \
  const uint64_t end = scan->end, wanted = scan->wanted;                                                               \
  uint64_t record = scan->position, lines = 0;                                                                         \
  int result = CSCAN_SCAN_RECORD;                                                                                       \
  quote_state state = quote_start;                                                                                     \
  for (uint64_t at = record; at < end && record < wanted; at += 64) {                                                  \
    uint64_t delimiters = 0, ends, quotes, returns = 0, escapes;                                                       \
    LOAD(p + at);                                                                                                      \
    if (end - at < 64) {                                                                                               \
      const uint64_t valid = ((uint64_t)1 << (end - at)) - 1;                                                          \
      delimiters &= valid, ends &= valid, quotes &= valid, returns &= valid, escapes &= valid;                         \
    }                                                                                                                  \
    uint64_t passed = ends, faults = 0;                                                                                \
    if (!(quotes | escapes | state.inside | state.after_close | state.after_close_cr)) {                               \
      state.after_separator = (delimiters | ends) >> 63;                                                               \
    } else {                                                                                                           \
      faults = read_quotes(&state, quotes, PARITY(quotes), delimiters, ends, returns, escapes, escaping).faults;       \
      if (faults) passed &= (faults & -faults) - 1;                                                                    \
    }                                                                                                                  \
    if (at + 64 >= wanted) {                                                                                           \
      const uint64_t early = wanted > at + 1 ? ((uint64_t)1 << (wanted - 1 - at)) - 1 : 0;                             \
      const uint64_t late = passed & ~early;                                                                           \
      if (late) {                                                                                                      \
        passed &= ((late & -late) << 1) - 1;                                                                           \
        faults = 0;                                                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
    if (passed) {                                                                                                      \
      if (at + (uint64_t)__builtin_ctzll(passed) - record > scan->record_limit) break;                                 \
      lines += (uint64_t)__builtin_popcountll(passed);                                                                 \
      record = at + 64 - (uint64_t)__builtin_clzll(passed);                                                            \
    }                                                                                                                  \
    if (faults) break;                                                                                                 \
  }                                                                                                                    \
  if (record >= wanted || record == end) result = CSCAN_SCAN_DONE;                                                      \
  scan->position = record;                                                                                             \
  scan->lines = lines;                                                                                                 \
  return result;

static int lines_portable(cscan_scan_lines_t *scan) {
#define LOAD_PORTABLE(at)                                    \
  ends = mask_portable(at, '\n');                            \
  quotes = quoting ? mask_portable(at, scan->quote) : 0;     \
  returns = quoting ? mask_portable(at, '\r') : 0;           \
  delimiters = quoting ? mask_portable(at, scan->delimiter) : 0; \
  escapes = escaping ? mask_portable(at, scan->escape) : 0;
  LINES_BODY(LOAD_PORTABLE, parity_portable)
}

#if defined(__x86_64__)
static CSCAN_AVX2 int lines_avx2(cscan_scan_lines_t *scan) {
  const __m256i vector_delimiter = _mm256_set1_epi8((char)scan->delimiter), vector_end = _mm256_set1_epi8('\n');
  const __m256i vector_quote = _mm256_set1_epi8((char)scan->quote), vector_return = _mm256_set1_epi8('\r');
  const __m256i vector_escape = _mm256_set1_epi8((char)scan->escape);
#define LOAD_AVX2(at)                                                        \
  const __m256i low = _mm256_loadu_si256((const __m256i *)(at));             \
  const __m256i high = _mm256_loadu_si256((const __m256i *)((at) + 32));     \
  ends = mask_avx2(low, high, vector_end);                                   \
  quotes = quoting ? mask_avx2(low, high, vector_quote) : 0;                 \
  escapes = escaping ? mask_avx2(low, high, vector_escape) : 0;              \
  if (quoting) {                                                             \
    delimiters = mask_avx2(low, high, vector_delimiter);                     \
    returns = mask_avx2(low, high, vector_return);                           \
  }
  LINES_BODY(LOAD_AVX2, parity_avx2)
}
#endif

int cscan_scan_lines(cscan_scan_lines_t *scan) {
#if defined(__x86_64__)
  if (has_avx2()) return lines_avx2(scan);
#endif
  return lines_portable(scan);
}

int cscan_scan_lines_portable(cscan_scan_lines_t *scan) { return lines_portable(scan); }
