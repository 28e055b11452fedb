// XXH3 of byte runs.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

uint64_t cscan_hash64(const uint8_t *p, size_t n, uint64_t seed);

typedef struct {
  uint64_t low, high;
} cscan_hash128_t;
cscan_hash128_t cscan_hash128(const uint8_t *p, size_t n, uint64_t seed);

#ifdef __cplusplus
}
#endif
