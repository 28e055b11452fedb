#include "cscan.h"
#include "scan_masks.h"

#if defined(__x86_64__)
static CSCAN_AVX2 size_t count_avx2(const uint8_t *p, size_t n, uint8_t byte) {
  const __m256i wanted = _mm256_set1_epi8((char)byte);
  size_t count = 0, i = 0;
  for (; i + 64 <= n; i += 64) {
    const __m256i low = _mm256_loadu_si256((const __m256i *)(p + i)), high = _mm256_loadu_si256((const __m256i *)(p + i + 32));
    count += (size_t)__builtin_popcountll(mask_avx2(low, high, wanted));
  }
  for (; i < n; i++) count += p[i] == byte;
  return count;
}
#endif

size_t cscan_count(const uint8_t *p, size_t n, uint8_t byte) {
#if defined(__x86_64__)
  if (has_avx2()) return count_avx2(p, n, byte);
#endif
  size_t count = 0;
  for (size_t i = 0; i < n; i++) count += p[i] == byte;
  return count;
}
