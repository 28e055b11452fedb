// Hyyroe, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003: a column of the table of distances as
// vectors of the differences between neighbours.
#include "edit_distance.h"

#define WORD 64
#define WORDS (CSCAN_OSA_BYTES / WORD)

// `a` has 1 to 64 bytes.
static size_t one_word(const uint8_t *a, size_t n, const uint8_t *b, size_t m) {
  uint64_t pattern[256];
  // Only the entries that the two texts use are set and read.
  for (size_t j = 0; j < m; j++) pattern[b[j]] = 0;
  for (size_t i = 0; i < n; i++) pattern[a[i]] = 0;
  for (size_t i = 0; i < n; i++) pattern[a[i]] |= 1ull << i;
  const uint64_t last = 1ull << (n - 1);
  uint64_t vp = ~0ull >> (WORD - n), vn = 0, d0 = 0, previous = 0;
  size_t distance = n;
  for (size_t j = 0; j < m; j++) {
    const uint64_t pm = pattern[b[j]];
    const uint64_t swapped = ((~d0 & pm) << 1) & previous;
    d0 = (((pm & vp) + vp) ^ vp) | pm | vn | swapped;
    const uint64_t hp = vn | ~(d0 | vp), hn = d0 & vp;
    distance += (hp & last) != 0;
    distance -= (hn & last) != 0;
    const uint64_t risen = hp << 1 | 1;
    vp = hn << 1 | ~(d0 | risen);
    vn = risen & d0;
    previous = pm;
  }
  return distance;
}

// The same with vectors of several words: sums and shifts carry from one to the next.
static size_t several_words(const uint8_t *a, size_t n, const uint8_t *b, size_t m) {
  const size_t count = (n + WORD - 1) / WORD;
  uint64_t pattern[256][WORDS];
  for (size_t w = 0; w < count; w++) {
    for (size_t j = 0; j < m; j++) pattern[b[j]][w] = 0;
    for (size_t i = 0; i < n; i++) pattern[a[i]][w] = 0;
  }
  for (size_t i = 0; i < n; i++) pattern[a[i]][i / WORD] |= 1ull << i % WORD;
  uint64_t vp[WORDS], vn[WORDS] = {0}, d0[WORDS] = {0}, previous[WORDS] = {0};
  for (size_t w = 0; w < count; w++) vp[w] = ~0ull;
  const uint64_t last = 1ull << (n - 1) % WORD;
  size_t distance = n;
  for (size_t j = 0; j < m; j++) {
    const uint64_t *own = pattern[b[j]];
    uint64_t carry = 0, transposed = 0, up = 1, down = 0;
    for (size_t w = 0; w < count; w++) {
      const uint64_t pm = own[w], half = (pm & vp[w]) + vp[w], sum = half + carry;
      carry = half < vp[w] || sum < half;
      const uint64_t exchanged = ~d0[w] & pm, swapped = (exchanged << 1 | transposed) & previous[w];
      transposed = exchanged >> 63;
      const uint64_t d = (sum ^ vp[w]) | pm | vn[w] | swapped;
      const uint64_t hp = vn[w] | ~(d | vp[w]), hn = d & vp[w];
      if (w == count - 1) {
        distance += (hp & last) != 0;
        distance -= (hn & last) != 0;
      }
      const uint64_t risen = hp << 1 | up;
      up = hp >> 63;
      vp[w] = (hn << 1 | down) | ~(d | risen);
      down = hn >> 63;
      vn[w] = risen & d;
      d0[w] = d;
      previous[w] = pm;
    }
  }
  return distance;
}

size_t cscan_osa(const uint8_t *a, size_t n, const uint8_t *b, size_t m) {
  if (n == 0 || m == 0) return n + m;
  if (n <= WORD) return one_word(a, n, b, m);
  if (m <= WORD) return one_word(b, m, a, n);
  return n <= m ? several_words(a, n, b, m) : several_words(b, m, a, n);
}
