#include "fold_text.h"

// Of an upper-case letter: what makes it a lower-case one.
#define UPPER 0x20
#define WORD 0x40

static const uint8_t kinds[256] = {
    ['0' ... '9'] = WORD | CSCAN_DIGIT, ['A' ... 'Z'] = WORD | UPPER,        ['a' ... 'z'] = WORD, [0x80 ... 0xFF] = WORD | CSCAN_NOT_ASCII,
    ['-'] = CSCAN_CONNECTOR,            ['.'] = CSCAN_CONNECTOR,             ['/'] = CSCAN_CONNECTOR,
    ['_'] = CSCAN_CONNECTOR,
};

static inline int is_digit(uint8_t c) { return kinds[c] & CSCAN_DIGIT; }

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
