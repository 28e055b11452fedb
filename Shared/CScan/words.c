#include "words.h"

#include <string.h>

#include "tail_load.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define UPPER 0x20
#define WORD 0x40
#define CONNECTOR 1

static const uint8_t kinds[256] = {
    ['0' ... '9'] = WORD, ['A' ... 'Z'] = WORD | UPPER, ['a' ... 'z'] = WORD,
    ['-'] = CONNECTOR,    ['.'] = CONNECTOR,            ['/'] = CONNECTOR,    ['_'] = CONNECTOR,
};

// The first blank at `start` or behind it, or n.
static inline size_t word_end(const uint8_t *form, size_t start, size_t n) {
#if defined(__SSE2__)
  for (; start < n; start += 16) {
    const bytes16 blank = (bytes16)(tail16(form + start, n - start) == ' ');
    const uint32_t mask = (uint32_t)_mm_movemask_epi8((__m128i)blank);
    if (mask) {
      const size_t end = start + (size_t)__builtin_ctz(mask);
      return end < n ? end : n;
    }
  }
  return n;
#else
  while (start < n && form[start] != ' ') start++;
  return start;
#endif
}

size_t cscan_hash_words(const uint8_t *form, size_t n, uint64_t seed, size_t most, uint64_t *hashes) {
  size_t start = 0, read = 0;
  while (start < n && read < most) {
    const size_t end = word_end(form, start, n);
    if (end - start > 1) hashes[read++] = XXH3_64bits_withSeed(form + start, end - start, seed);
    start = end + 1;
  }
  return read;
}

// How many of `count` hashes are below each: its place. The same are at one place, and leave those behind it free.
static void places_portable(const uint64_t *hashes, size_t count, uint8_t *places) {
  for (size_t i = 0; i < count; i++) {
    size_t below = 0;
    for (size_t j = 0; j < count; j++) below += hashes[j] < hashes[i];
    places[i] = (uint8_t)below;
  }
}

#if defined(__x86_64__)
// As above; what stands behind the last hash, up to a multiple of four, is as high as any.
__attribute__((target("avx2"))) static void places_avx2(const uint64_t *hashes, size_t count, uint8_t *places) {
  const __m256i sign = _mm256_set1_epi64x((long long)(1ull << 63));
  __m256i signed_hashes[CSCAN_MOST_WORDS / 4];
  const size_t fours = (count + 3) / 4;
  for (size_t j = 0; j < fours; j++)
    signed_hashes[j] = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(hashes + 4 * j)), sign);
  for (size_t i = 0; i < count; i++) {
    const __m256i own = _mm256_set1_epi64x((long long)(hashes[i] ^ 1ull << 63));
    __m256i below = _mm256_setzero_si256();
    for (size_t j = 0; j < fours; j++) below = _mm256_sub_epi64(below, _mm256_cmpgt_epi64(own, signed_hashes[j]));
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(below), _mm256_extracti128_si256(below, 1));
    places[i] = (uint8_t)(_mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1));
  }
}
#endif

size_t cscan_sort_hashes(uint64_t *hashes, size_t count) {
  if (count < 2) return count;
  uint64_t sorted[CSCAN_MOST_WORDS];
  uint8_t places[CSCAN_MOST_WORDS];
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    for (size_t i = count; i % 4; i++) hashes[i] = UINT64_MAX;
    places_avx2(hashes, count, places);
  } else
#endif
    places_portable(hashes, count, places);
  size_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    sorted[places[i]] = hashes[i];
    sum += places[i];
  }
  if (sum == count * (count - 1) / 2) {
    memcpy(hashes, sorted, count * sizeof *hashes);
    return count;
  }
  uint8_t is_taken[CSCAN_MOST_WORDS] = {0};
  for (size_t i = 0; i < count; i++) is_taken[places[i]] = 1;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (is_taken[i]) hashes[kept++] = sorted[i];
  return kept;
}

int cscan_next_run(const uint8_t *p, size_t n, size_t from, uint8_t *out, size_t room, cscan_word_run *run) {
  size_t i = from;
  while (i < n && !(kinds[p[i]] & WORD)) i++;
  if (i >= n) return 0;
  run->start = i;
  run->parts = 1;
  size_t length = 0;
  for (; i < n; i++) {
    const uint8_t kind = kinds[p[i]];
    if (kind & WORD) {
      if (length < room) out[length] = p[i] | (kind & UPPER);
      length++;
    } else if (kind == CONNECTOR && i + 1 < n && kinds[p[i + 1]] & WORD) {
      run->parts++;
    } else {
      break;
    }
  }
  run->end = i;
  run->length = length;
  return 1;
}
