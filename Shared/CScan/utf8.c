// Validation after Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three table
// look-ups by nibbles classify each pair of bytes.
#include "cscan.h"
#include "scan_masks.h"
#include <string.h>

static int valid_portable(const uint8_t *p, size_t n) {
  size_t i = 0;
  while (i < n) {
    uint64_t word;
    if (i + 8 <= n && (memcpy(&word, p + i, 8), !(word & 0x8080808080808080u))) {
      i += 8;
      continue;
    }
    const uint8_t b = p[i];
    if (b < 0x80) {
      i++;
      continue;
    }
    size_t length = b < 0xC2 ? 0 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : b < 0xF5 ? 4 : 0;
    if (!length || n - i < length) return 0;
    for (size_t k = 1; k < length; k++)
      if ((p[i + k] & 0xC0) != 0x80) return 0;
    const uint8_t second = p[i + 1];
    if ((b == 0xE0 && second < 0xA0) || (b == 0xED && second > 0x9F) || (b == 0xF0 && second < 0x90) || (b == 0xF4 && second > 0x8F))
      return 0;
    i += length;
  }
  return 1;
}

#if defined(__x86_64__)
#define TOO_SHORT (1 << 0)
#define TOO_LONG (1 << 1)
#define OVERLONG_3 (1 << 2)
#define TOO_LARGE (1 << 3)
#define SURROGATE (1 << 4)
#define OVERLONG_2 (1 << 5)
#define TOO_LARGE_1000 (1 << 6)
#define OVERLONG_4 (1 << 6)
#define TWO_CONTS (1 << 7)
#define CARRY (TOO_SHORT | TOO_LONG | TWO_CONTS)

static CSCAN_AVX2 __m256i table(
    int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, int m, int n, int o, int q) {
  const __m128i half = _mm_setr_epi8(
      (char)a, (char)b, (char)c, (char)d, (char)e, (char)f, (char)g, (char)h, (char)i, (char)j, (char)k, (char)l, (char)m, (char)n,
      (char)o, (char)q);
  return _mm256_broadcastsi128_si256(half);
}

static CSCAN_AVX2 int valid_avx2(const uint8_t *p, size_t n) {
  const __m256i first_high = table(
      TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTS, TWO_CONTS, TWO_CONTS, TWO_CONTS,
      TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
      TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4);
  const int large = CARRY | TOO_LARGE | TOO_LARGE_1000;
  const __m256i first_low = table(
      CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE, large, large, large, large,
      large, large, large, large, large | SURROGATE, large, large);
  const int two = TOO_LONG | OVERLONG_2 | TWO_CONTS;
  const __m256i second_high = table(
      TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
      two | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4, two | OVERLONG_3 | TOO_LARGE, two | SURROGATE | TOO_LARGE,
      two | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  __m256i error = _mm256_setzero_si256(), previous = _mm256_setzero_si256();
  for (size_t at = 0; at < n; at += 32) {
    __m256i now;
    if (n - at >= 32) {
      now = _mm256_loadu_si256((const __m256i *)(p + at));
    } else {
      uint8_t rest[32] = {0};
      memcpy(rest, p + at, n - at);
      now = _mm256_loadu_si256((const __m256i *)rest);
    }
    if (!_mm256_movemask_epi8(_mm256_or_si256(now, previous))) {
      previous = now;
      continue;
    }
    const __m256i joined = _mm256_permute2x128_si256(previous, now, 0x21);
    const __m256i back1 = _mm256_alignr_epi8(now, joined, 15);
    const __m256i back2 = _mm256_alignr_epi8(now, joined, 14);
    const __m256i back3 = _mm256_alignr_epi8(now, joined, 13);
    const __m256i special = _mm256_and_si256(
        _mm256_and_si256(
            _mm256_shuffle_epi8(first_high, _mm256_and_si256(_mm256_srli_epi16(back1, 4), nibble)),
            _mm256_shuffle_epi8(first_low, _mm256_and_si256(back1, nibble))),
        _mm256_shuffle_epi8(second_high, _mm256_and_si256(_mm256_srli_epi16(now, 4), nibble)));
    const __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8((char)(0xE0 - 0x80)));
    const __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8((char)(0xF0 - 0x80)));
    const __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    error = _mm256_or_si256(error, _mm256_xor_si256(must, special));
    previous = now;
  }
  if (!_mm256_testz_si256(error, error)) return 0;
  // A sequence that the end cuts off.
  for (size_t back = 1; back <= 3 && back <= n; back++) {
    const uint8_t b = p[n - back];
    if (b >= 0xC0) return b < 0xE0 ? back >= 2 : b < 0xF0 ? back >= 3 : 0;
    if (b < 0x80) return 1;
  }
  return 1;
}
#endif

int cscan_utf8_valid(const uint8_t *p, size_t n) {
#if defined(__x86_64__)
  if (n >= 64 && has_avx2()) return valid_avx2(p, n);
#endif
  return valid_portable(p, n);
}

