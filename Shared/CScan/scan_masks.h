// Masks of 64 bytes: bit i is set where byte i equals the wanted one. Private to the kernels.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#define CSCAN_AVX2 __attribute__((target("avx2,pclmul,bmi,bmi2,lzcnt,popcnt")))

static inline __attribute__((always_inline)) CSCAN_AVX2 uint64_t mask_avx2(__m256i low, __m256i high, __m256i byte) {
  uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte));
  uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte));
  return (uint64_t)a | (uint64_t)b << 32;
}

/// Bit i of the result is the parity of bits 0...i.
static inline __attribute__((always_inline)) CSCAN_AVX2 uint64_t parity_avx2(uint64_t bits) {
  __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xFF), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

static inline int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("lzcnt");
}
#endif

static inline __attribute__((always_inline)) uint64_t mask_portable(const uint8_t *p, uint8_t byte) {
  uint64_t mask = 0;
  for (int word = 0; word < 8; word++) {
    uint8_t hits[8];
    for (int i = 0; i < 8; i++) hits[i] = p[word * 8 + i] == byte;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) bits |= (uint64_t)hits[i] << i;
    mask |= bits << (word * 8);
  }
  return mask;
}

static inline __attribute__((always_inline)) uint64_t parity_portable(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}
