#include "minhash.h"

#include <string.h>

#include "tail_load.h"

#define ARENA_FLAG 0x80000000u
#define LENGTH_MASK 0x3FFFFFFFu

static inline uint32_t spread(uint32_t x) {
  x *= 0x9E3779B1u;
  x ^= x >> 15;
  return x * 0x85EBCA77u;
}

// Up to 8 bytes as a word, zeros above. A load that stays within the page cannot fault, so it may run over the end.
__attribute__((no_sanitize("address"))) static inline uint64_t tail(const uint8_t *p, size_t n) {
  uint64_t v = 0;
  if (((uintptr_t)p & 4095) <= 4088) {
    memcpy(&v, p, 8);
    return n >= 8 ? v : v & ((1ull << 8 * n) - 1);
  }
  memcpy(&v, p, n);
  return v;
}

// ASCII upper case to lower case, 16 bytes at a time. Writes up to 16 bytes past n.
static inline void fold(uint8_t *to, const uint8_t *from, size_t n) {
  size_t i = 0;
  do {
    const bytes16 v = tail16(from + i, n - i < 16 ? n - i : 16);
    const bytes16 folded = v | ((bytes16)((bytes16)(v - 'A') < 26) & 32);
    memcpy(to + i, &folded, 16);
    i += 16;
  } while (i < n);
}

static inline uint32_t whole(const uint8_t *p, size_t n, size_t column) {
  uint64_t h = (n + 1) * 0x9E3779B97F4A7C15ull + column * 0xC2B2AE3D27D4EB4Full;
  while (n >= 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    h = (h ^ v) * 0xFF51AFD7ED558CCDull;
    h ^= h >> 32;
    p += 8;
    n -= 8;
  }
  h = (h ^ tail(p, n)) * 0xC4CEB9FE1A85EC53ull;
  return (uint32_t)(h >> 32);
}

static inline int is_common(const uint64_t *common, uint32_t gram) { return (common[gram >> 22] >> ((gram >> 16) & 63)) & 1; }

static size_t windows_portable(const uint8_t *text, size_t n, const uint64_t *common, uint32_t *grams) {
  size_t count = 0;
  for (size_t i = 0; i + 4 <= n; i++) {
    uint32_t x;
    memcpy(&x, text + i, 4);
    const uint32_t g = spread(x);
    grams[count] = g;
    count += !is_common(common, g);
  }
  return count;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Per mask of eight, the numbers of its set bits, ascending.
static uint8_t front[256][8];

__attribute__((constructor)) static void fill_front(void) {
  for (int mask = 0; mask < 256; mask++) {
    int n = 0;
    for (uint8_t bit = 0; bit < 8; bit++)
      if (mask >> bit & 1) front[mask][n++] = bit;
  }
}

// Eight windows of four bytes at a time. Reads up to 16 bytes past n, writes up to 8 grams past the last.
__attribute__((target("avx2,popcnt"))) static size_t windows_avx2(const uint8_t *text, size_t n, const uint64_t *common,
                                                           uint32_t *grams) {
  const __m256i slide = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9,
                                         7, 8, 9, 10);
  const __m256i first = _mm256_set1_epi32((int)0x9E3779B1u), second = _mm256_set1_epi32((int)0x85EBCA77u);
  const __m256i one = _mm256_set1_epi32(1), low = _mm256_set1_epi32(31);
  size_t count = 0, i = 0;
  for (; i + 4 <= n; i += 8) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(text + i));
    __m256i x = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), slide);
    x = _mm256_mullo_epi32(x, first);
    x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
    x = _mm256_mullo_epi32(x, second);
    const __m256i words = _mm256_i32gather_epi32((const int *)common, _mm256_srli_epi32(x, 21), 4);
    const __m256i bits = _mm256_srlv_epi32(words, _mm256_and_si256(_mm256_srli_epi32(x, 16), low));
    const __m256i rare = _mm256_cmpeq_epi32(_mm256_and_si256(bits, one), _mm256_setzero_si256());
    uint32_t keep = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(rare));
    // Windows that run over the end are none.
    if (i + 11 > n) keep &= (1u << (n - i - 3)) - 1;
    // The kept ones move to the front; what is written behind them is written over.
    const __m256i order = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)front[keep]));
    _mm256_storeu_si256((__m256i *)(grams + count), _mm256_permutevar8x32_epi32(x, order));
    count += (size_t)__builtin_popcount(keep);
  }
  return count;
}
#endif

size_t cscan_grams(const uint32_t *cells, const uint8_t *base, const uint8_t *arena, const uint8_t *roles, size_t columns,
                   const uint64_t *common, uint8_t *text, uint32_t *grams) {
  static const uint64_t none[CSCAN_GRAM_WORDS];
  if (!common) common = none;
  size_t count = 0, at = 1;
  text[0] = 0;
  for (size_t c = 0; c < columns; c++) {
    const uint32_t meta = cells[2 * c + 1];
    const size_t n = meta & LENGTH_MASK;
    if (!roles[c] || !n) continue;
    const uint8_t *p = (meta & ARENA_FLAG ? arena : base) + cells[2 * c];
    if (roles[c] == 1) {
      fold(text + at, p, n);
      at += n;
      text[at++] = 0;
    } else {
      const uint32_t h = whole(p, n, c);
      const size_t copies = n / 2 > 6 ? 6 : n / 2 ? n / 2 : 1;
      for (size_t k = 0; k < copies; k++) {
        const uint32_t g = spread(h + (uint32_t)k * 0x632BE5ABu);
        grams[count] = g;
        count += !is_common(common, g);
      }
    }
  }
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return count + windows_avx2(text, at, common, grams + count);
#endif
  return count + windows_portable(text, at, common, grams + count);
}

static void minhash_portable(const uint32_t *grams, size_t n, const uint32_t *mult, const uint32_t *seed, uint32_t *out) {
  uint32_t m[CSCAN_MINHASH];
  for (int k = 0; k < CSCAN_MINHASH; k++) m[k] = 0xFFFFFFFFu;
  for (size_t i = 0; i < n; i++) {
    const uint32_t g = grams[i];
    for (int k = 0; k < CSCAN_MINHASH; k++) {
      const uint32_t h = (g ^ seed[k]) * mult[k];
      m[k] = h < m[k] ? h : m[k];
    }
  }
  memcpy(out, m, sizeof m);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void minhash_avx2(const uint32_t *grams, size_t n, const uint32_t *mult,
                                                         const uint32_t *seed, uint32_t *out) {
  const __m256i a0 = _mm256_loadu_si256((const __m256i *)mult), a1 = _mm256_loadu_si256((const __m256i *)(mult + 8)),
                a2 = _mm256_loadu_si256((const __m256i *)(mult + 16)), a3 = _mm256_loadu_si256((const __m256i *)(mult + 24));
  const __m256i s0 = _mm256_loadu_si256((const __m256i *)seed), s1 = _mm256_loadu_si256((const __m256i *)(seed + 8)),
                s2 = _mm256_loadu_si256((const __m256i *)(seed + 16)), s3 = _mm256_loadu_si256((const __m256i *)(seed + 24));
  __m256i m0 = _mm256_set1_epi32(-1), m1 = m0, m2 = m0, m3 = m0;
  for (size_t i = 0; i < n; i++) {
    const __m256i g = _mm256_set1_epi32((int)grams[i]);
    m0 = _mm256_min_epu32(m0, _mm256_mullo_epi32(_mm256_xor_si256(g, s0), a0));
    m1 = _mm256_min_epu32(m1, _mm256_mullo_epi32(_mm256_xor_si256(g, s1), a1));
    m2 = _mm256_min_epu32(m2, _mm256_mullo_epi32(_mm256_xor_si256(g, s2), a2));
    m3 = _mm256_min_epu32(m3, _mm256_mullo_epi32(_mm256_xor_si256(g, s3), a3));
  }
  _mm256_storeu_si256((__m256i *)out, m0);
  _mm256_storeu_si256((__m256i *)(out + 8), m1);
  _mm256_storeu_si256((__m256i *)(out + 16), m2);
  _mm256_storeu_si256((__m256i *)(out + 24), m3);
}
#endif

void cscan_minhash(const uint32_t *grams, size_t n, const uint32_t *mult, const uint32_t *seed, uint32_t *out) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    minhash_avx2(grams, n, mult, seed, out);
    return;
  }
#endif
  minhash_portable(grams, n, mult, seed, out);
}
