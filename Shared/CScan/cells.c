#include "include/cells.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

#define ARENA (1u << 31)
#define MISSING (1u << 30)
#define LENGTH (MISSING - 1)

typedef struct {
  uint32_t offset, meta;
} cell_t;

void cscan_hash_cells(const void *cells, size_t stride, size_t count, const uint8_t *base, const uint8_t *arena,
                      uint64_t *out) {
  const cell_t *c = cells;
  for (size_t i = 0; i < count; i++, c += stride) {
    uint32_t n = c->meta & LENGTH;
    const uint8_t *p = (c->meta & ARENA ? arena : base) + c->offset;
    if (n == 0) {
      out[i] = 0;
      continue;
    }
    uint64_t h = XXH3_64bits(p, n);
    out[i] = h ? h : 1;
  }
}

#if defined(__SSE2__)
#include <emmintrin.h>

// 16 bytes at p of which n (1...16) count; the rest is zero. May read past the cell, never past its page.
__attribute__((no_sanitize("address"))) static inline __m128i load_short(const uint8_t *p, uint32_t n) {
  static const uint8_t masks[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  if (((uintptr_t)p & 4095) <= 4080) {
    __m128i keep = _mm_loadu_si128((const __m128i *)(masks + 16 - n));
    return _mm_and_si128(_mm_loadu_si128((const __m128i *)p), keep);
  }
  uint8_t copy[16] = {0};
  memcpy(copy, p, n);
  return _mm_loadu_si128((const __m128i *)copy);
}

// 1 when the text needs the slow path.
static inline int odd_text(const uint8_t *p, uint32_t n) {
  const __m128i blank = _mm_set1_epi8(0x20), below = _mm_set1_epi8(0x1F), rubout = _mm_set1_epi8(0x7F);
  if (p[0] == 0x20 || p[n - 1] == 0x20) return 1;
  uint32_t carry = 0;
  for (uint32_t i = 0; i < n; i += 16) {
    uint32_t left = n - i < 16 ? n - i : 16;
    __m128i v = left == 16 ? _mm_loadu_si128((const __m128i *)(p + i)) : load_short(p + i, left);
    uint32_t used = left == 16 ? 0xFFFF : (1u << left) - 1;
    // Signed comparison: bytes from 0x80 on are negative, so they count as "not above 0x1F" together with the controls.
    uint32_t printable = (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(v, below));
    uint32_t bad = (~printable & used) | (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, rubout));
    uint32_t blanks = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, blank));
    if (bad | (blanks & ((blanks << 1) | carry))) return 1;
    carry = blanks >> 15;
  }
  return 0;
}

// scale: digits that every number has behind its point; 0: the shortest form.
static inline int odd_number(const uint8_t *p, uint32_t n, uint32_t scale) {
  if (n > 16) return 1;
  __m128i v = load_short(p, n);
  uint32_t used = n == 16 ? 0xFFFF : (1u << n) - 1;
  __m128i d = _mm_sub_epi8(v, _mm_set1_epi8(0x30));
  uint32_t digits = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d)) & used;
  uint32_t rest = used & ~digits;
  uint32_t start = p[0] == 0x2D ? 1 : 0;
  rest &= ~start;
  if (start && n == 1) return 1;
  if (p[start] == 0x30 && n > start + 1 && p[start + 1] != 0x2E) return 1;  // leading zero
  if (start && p[1] == 0x30 && (n == 2 || scale)) return 1;                 // -0
  if (rest == 0) return scale != 0;
  if (rest & (rest - 1)) return 1;
  uint32_t point = (uint32_t)__builtin_ctz(rest);
  if (p[start] == 0x30 && n > start + 7 && p[start + 2] == 0x30 && p[start + 3] == 0x30) return 1;  // perhaps below 1e-5
  if (p[point] != 0x2E || point == start) return 1;
  return scale ? point + 1 + scale != n : point == n - 1 || p[n - 1] == 0x30;
}
#else
static inline int odd_text(const uint8_t *p, uint32_t n) {
  if (p[0] == 0x20 || p[n - 1] == 0x20) return 1;
  for (uint32_t i = 0; i < n; i++) {
    if (p[i] < 0x20 || p[i] > 0x7E) return 1;
    if (p[i] == 0x20 && p[i + 1] == 0x20) return 1;
  }
  return 0;
}

static inline int odd_number(const uint8_t *p, uint32_t n, uint32_t scale) {
  if (n > 16) return 1;
  uint32_t start = p[0] == 0x2D ? 1 : 0, point = 0;
  if (start == n) return 1;
  if (p[start] == 0x30 && n > start + 1 && p[start + 1] != 0x2E) return 1;
  if (start && p[1] == 0x30 && (n == 2 || scale)) return 1;
  for (uint32_t i = start; i < n; i++) {
    if ((uint8_t)(p[i] - 0x30) < 10) continue;
    if (p[i] != 0x2E || point || i == start) return 1;
    point = i;
  }
  if (point && p[start] == 0x30 && n > start + 7 && p[start + 2] == 0x30 && p[start + 3] == 0x30) return 1;
  if (scale) return !point || point + 1 + scale != n;
  return point && (point == n - 1 || p[n - 1] == 0x30);
}
#endif

static inline int digits_at(const uint8_t *p, const char *form, uint32_t n) {
  uint32_t bad = 0;
  for (uint32_t i = 0; i < n; i++) bad |= form[i] == '0' ? (uint8_t)(p[i] - 0x30) > 9 : p[i] != (uint8_t)form[i];
  return !bad;
}
static inline int odd_date(const uint8_t *p, uint32_t n) { return n != 10 || !digits_at(p, "0000-00-00", 10); }
static inline int odd_timestamp(const uint8_t *p, uint32_t n) {
  if (n != 19 && !(n == 20 && p[19] == 0x5A)) return 1;
  return !digits_at(p, "0000-00-00T00:00:00", 19);
}

static inline int is_first(const uint64_t *firsts, uint8_t c) { return (int)(firsts[c >> 6] >> (c & 63) & 1); }

#define EACH(test)                                                         \
  for (size_t i = 0; i < count; i++, c += stride) {                        \
    uint32_t n = c->meta & LENGTH;                                         \
    const uint8_t *p = (c->meta & ARENA ? arena : base) + c->offset;       \
    int odd = n == 0 ? !(c->meta & MISSING) : (test);                      \
    out[found] = (uint32_t)i;                                              \
    found += (size_t)odd;                                                  \
  }

size_t cscan_odd_cells(const void *cells, size_t stride, size_t count, const uint8_t *base, const uint8_t *arena,
                       int kind, const uint64_t *firsts, uint32_t lengths, uint32_t *out) {
  const cell_t *c = cells;
  size_t found = 0;
  switch (kind) {
    case CSCAN_NUMBER:
      if (lengths == 0) {
        EACH(odd_number(p, n, 0))
      } else {
        EACH(odd_number(p, n, lengths))
      }
      break;
    case CSCAN_DATE: EACH(odd_date(p, n)) break;
    case CSCAN_TIMESTAMP: EACH(odd_timestamp(p, n)) break;
    default: EACH((n < 32 && (lengths >> n & 1) && is_first(firsts, p[0])) || odd_text(p, n))
  }
  return found;
}

int cscan_is_plain(const uint8_t *p, size_t n) { return !odd_text(p, (uint32_t)n); }
