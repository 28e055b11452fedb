#pragma once
#define XXH_INLINE_ALL
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

// xxhash.h names its functions through macros, which Swift does not import.
static inline uint64_t cxxh3_64(const void *p, size_t n, uint64_t seed) { return XXH3_64bits_withSeed(p, n, seed); }
typedef struct {
  uint64_t low, high;
} cxxh3_128_t;
static inline cxxh3_128_t cxxh3_128(const void *p, size_t n, uint64_t seed) {
  XXH128_hash_t h = XXH3_128bits_withSeed(p, n, seed);
  cxxh3_128_t r = {h.low64, h.high64};
  return r;
}
