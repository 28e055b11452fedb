#include <string.h>

#include "column_values.h"

size_t cscan_plain_text_bytes(const cscan_text *v, size_t n) {
  size_t bytes = 4 * n;
  for (size_t i = 0; i < n; i++) bytes += v[i].n;
  return bytes;
}

void cscan_plain_text(const cscan_text *v, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++) {
    uint32_t length = (uint32_t)v[i].n;
    memcpy(out, &length, 4);
    memcpy(out + 4, v[i].p, v[i].n);
    out += 4 + v[i].n;
  }
}

static inline int less(const cscan_text *a, const cscan_text *b) {
  int order = memcmp(a->p, b->p, a->n < b->n ? a->n : b->n);
  return order ? order < 0 : a->n < b->n;
}

void cscan_text_range(const cscan_text *v, size_t n, cscan_text *least, cscan_text *greatest) {
  cscan_text low = v[0], high = v[0];
  for (size_t i = 1; i < n; i++) {
    if (less(v + i, &low)) low = v[i];
    else if (less(&high, v + i)) high = v[i];
  }
  *least = low;
  *greatest = high;
}

static uint8_t *varint(uint8_t *out, uint64_t v) {
  while (v >= 0x80) {
    *out++ = (uint8_t)v | 0x80;
    v >>= 7;
  }
  *out++ = (uint8_t)v;
  return out;
}

size_t cscan_hybrid_bound(size_t n, int width) { return ((n + 7) / 8) * ((size_t)width + 12) + 32; }

static uint8_t *pack8(const uint32_t *v, size_t n, int width, uint8_t *out) {
  uint64_t bits = 0;
  int have = 0;
  for (size_t i = 0; i < 8; i++) {
    bits |= (uint64_t)(i < n ? v[i] : 0) << have;
    have += width;
    while (have >= 8) {
      *out++ = (uint8_t)bits;
      bits >>= 8;
      have -= 8;
    }
  }
  return out;
}

static inline int same8(const uint32_t *v) {
  uint32_t d = 0;
  for (int i = 1; i < 8; i++) d |= v[i] ^ v[0];
  return d == 0;
}

// Runs are only begun at multiples of 8 values: a run shorter than that packs as well.
size_t cscan_hybrid(const uint32_t *values, size_t n, int width, uint8_t *out) {
  uint8_t *at = out;
  size_t i = 0;
  while (i < n) {
    if (i + 8 <= n && same8(values + i)) {
      size_t end = i + 8;
      while (end < n && values[end] == values[i]) end++;
      // The next bit-packed run holds whole groups, so only the last may be short: stop at a multiple of 8.
      if (end < n) end -= (end - i) % 8;
      at = varint(at, (uint64_t)(end - i) << 1);
      for (int b = 0; b < (width + 7) / 8; b++) *at++ = (uint8_t)(values[i] >> (8 * b));
      i = end;
      continue;
    }
    size_t end = i;
    while (end < n && !(end + 8 <= n && same8(values + end))) end += 8;
    size_t groups = (end - i) / 8;
    at = varint(at, (uint64_t)groups << 1 | 1);
    for (size_t g = 0; g < groups; g++, i += 8) at = pack8(values + i, i + 8 <= n ? 8 : n - i, width, at);
  }
  return (size_t)(at - out);
}

size_t cscan_count_bits(const uint8_t *bits, size_t from, size_t to) {
  size_t count = 0;
  for (; from < to && (from & 7); from++) count += bits[from >> 3] >> (from & 7) & 1;
  for (; from + 64 <= to; from += 64) {
    uint64_t word;
    memcpy(&word, bits + (from >> 3), 8);
    count += (size_t)__builtin_popcountll(word);
  }
  for (; from < to; from++) count += bits[from >> 3] >> (from & 7) & 1;
  return count;
}
