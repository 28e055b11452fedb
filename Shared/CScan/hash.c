#include "include/hash.h"

// Inlined where it is compiled, which calls for short keys one after the other are not.
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t cscan_hash64(const uint8_t *p, size_t n, uint64_t seed) { return XXH3_64bits_withSeed(p, n, seed); }

cscan_hash128_t cscan_hash128(const uint8_t *p, size_t n, uint64_t seed) {
  const XXH128_hash_t h = XXH3_128bits_withSeed(p, n, seed);
  return (cscan_hash128_t){h.low64, h.high64};
}
