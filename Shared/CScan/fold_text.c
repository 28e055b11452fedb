#include "fold_text.h"

#include "tail_load.h"

// Of an upper-case letter: what makes it a lower-case one.
#define UPPER 0x20
#define WORD 0x40

static const uint8_t kinds[256] = {
    ['0' ... '9'] = WORD | CSCAN_DIGIT, ['A' ... 'Z'] = WORD | UPPER,        ['a' ... 'z'] = WORD, [0x80 ... 0xFF] = WORD | CSCAN_NOT_ASCII,
    ['-'] = CSCAN_CONNECTOR,            ['.'] = CSCAN_CONNECTOR,             ['/'] = CSCAN_CONNECTOR,
    ['_'] = CSCAN_CONNECTOR,
};

static inline int is_digit(uint8_t c) { return kinds[c] & CSCAN_DIGIT; }

#if defined(__SSE2__)
#include <emmintrin.h>

static inline uint32_t mask_of(bytes16 v) { return (uint32_t)_mm_movemask_epi8((__m128i)v); }

size_t cscan_fold_text(const uint8_t *p, size_t n, uint8_t *out, uint32_t *has) {
  size_t length = 0;
  uint32_t high = 0, digits = 0, connectors = 0;
  for (size_t i = 0; i < n;) {
    const size_t rest = n - i < 16 ? n - i : 16;
    const uint32_t valid = (1u << rest) - 1;
    const bytes16 v = tail16(p + i, rest);
    const bytes16 upper = (bytes16)((bytes16)(v - 'A') < 26), digit = (bytes16)((bytes16)(v - '0') < 10);
    const bytes16 lower = v | (upper & 0x20), point = (bytes16)(v == '.');
    const bytes16 word = (bytes16)((bytes16)(lower - 'a') < 26) | digit | (bytes16)(v >= 0x80);
    high |= mask_of(v) & valid;
    digits |= mask_of(digit) & valid;
    connectors |= mask_of(point | (bytes16)(v == '-') | (bytes16)(v == '/') | (bytes16)(v == '_')) & valid;
    // Those between digits.
    uint32_t points = mask_of(point) & valid;
    if (points) {
      const uint32_t own = mask_of(digit) & valid;
      points &= own << 1 | (i > 0 && is_digit(p[i - 1]));
      points &= own >> 1 | (uint32_t)(n - i > 16 && is_digit(p[i + 16])) << 15;
    }
    const uint32_t apostrophes = mask_of((bytes16)(v == '\'')) & valid;
    const uint32_t blanks = valid & ~mask_of(word) & ~points & ~apostrophes;
    const uint32_t follows = length == 0 || out[length - 1] == ' ';
    // Up to the first byte that says nothing, and behind that one again.
    const uint32_t silent = apostrophes | (blanks & (blanks << 1 | follows));
    const size_t kept = silent ? (size_t)__builtin_ctz(silent) : rest;
    const bytes16 folded = (lower & word) | (~word & ' ');
    memcpy(out + length, &folded, 16);
    for (; points; points &= points - 1) out[length + (size_t)__builtin_ctz(points)] = '.';
    length += kept;
    i += silent ? kept + 1 : rest;
  }
  *has = (high ? CSCAN_NOT_ASCII : 0) | (digits ? CSCAN_DIGIT : 0) | (connectors ? CSCAN_CONNECTOR : 0);
  return length > 0 && out[length - 1] == ' ' ? length - 1 : length;
}
#else
size_t cscan_fold_text(const uint8_t *p, size_t n, uint8_t *out, uint32_t *has) {
  size_t length = 0;
  uint32_t seen = 0;
  for (size_t i = 0; i < n; i++) {
    const uint8_t c = p[i], kind = kinds[c];
    seen |= kind;
    if (kind & WORD)
      out[length++] = c | (kind & UPPER);
    else if (c == '.' && i > 0 && i + 1 < n && is_digit(p[i - 1]) && is_digit(p[i + 1]))
      out[length++] = c;
    else if (c != '\'' && length > 0 && out[length - 1] != ' ')
      out[length++] = ' ';
  }
  *has = seen & (CSCAN_NOT_ASCII | CSCAN_DIGIT | CSCAN_CONNECTOR);
  return length > 0 && out[length - 1] == ' ' ? length - 1 : length;
}
#endif

size_t cscan_fold_code(const uint8_t *p, size_t n, uint8_t *out, uint32_t *has) {
  size_t length = 0;
  uint32_t seen = 0;
  for (size_t i = 0; i < n; i++) {
    const uint8_t c = p[i], kind = kinds[c];
    seen |= kind;
    out[length] = c | (kind & UPPER);
    length += (kind & WORD) != 0;
  }
  *has = seen & (CSCAN_NOT_ASCII | CSCAN_DIGIT | CSCAN_CONNECTOR);
  return length;
}
