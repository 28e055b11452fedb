#include "text_write.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MISSING (1u << 30)
#define ARENA (1u << 31)
#define LENGTH (MISSING - 1)

enum { TEXT, INTEGER, DECIMAL, BOOLEAN, DATE, TIMESTAMP };

typedef struct {
  const uint8_t *p;
  size_t n;
  int missing;
} text;

static inline text cell_at(const cscan_batch *b, const cscan_row_format *f, int64_t row, size_t c) {
  int64_t column = f->map[c];
  if (column < 0) return (text){0, 0, 1};
  uint64_t cell = b->cells[(size_t)row * b->columns + (size_t)column];
  uint32_t offset = (uint32_t)cell, meta = (uint32_t)(cell >> 32);
  size_t n = meta & LENGTH;
  // A typed column has no empty value: empty text there is missing.
  int missing = (meta & MISSING) || (n == 0 && f->types[c] != TEXT);
  return (text){(meta & ARENA ? b->arena : b->base) + offset, n, missing};
}

static inline int csv_special(uint8_t c) { return c == '"' || c == ',' || c == '\n' || c == '\r'; }
static inline int json_special(uint8_t c) { return c == '"' || c == '\\' || c < 0x20; }

#ifdef __SSE2__
static inline int csv_mask(__m128i v) {
  __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8(',')));
  __m128i z = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
  return _mm_movemask_epi8(_mm_or_si128(a, z));
}
static inline int json_mask(__m128i v) {
  __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
  return _mm_movemask_epi8(_mm_or_si128(a, low));
}
// Copies n bytes and says whether one is special. Writes up to 15 bytes beyond n. A short source is loaded whole when
// that cannot touch another memory page; address sanitizers would call that an overrun.
#define COPY(NAME, MASK, SPECIAL)                                                                        \
  __attribute__((no_sanitize("address"))) static inline int NAME(uint8_t *out, const uint8_t *p, size_t n) {            \
    int found = 0;                                                                                       \
    size_t i = 0;                                                                                        \
    for (; i + 16 <= n; i += 16) {                                                                       \
      __m128i v = _mm_loadu_si128((const __m128i *)(p + i));                                             \
      _mm_storeu_si128((__m128i *)(out + i), v);                                                         \
      found |= MASK(v);                                                                                  \
    }                                                                                                    \
    if (i == n) return found;                                                                            \
    if (((uintptr_t)(p + i) & 4095) <= 4080) {                                                           \
      __m128i v = _mm_loadu_si128((const __m128i *)(p + i));                                             \
      _mm_storeu_si128((__m128i *)(out + i), v);                                                         \
      return found | (MASK(v) & ((1 << (n - i)) - 1));                                                   \
    }                                                                                                    \
    for (; i < n; i++) {                                                                                 \
      out[i] = p[i];                                                                                     \
      found |= SPECIAL(p[i]);                                                                            \
    }                                                                                                    \
    return found;                                                                                        \
  }
#else
#define COPY(NAME, MASK, SPECIAL)                                        \
  static inline int NAME(uint8_t *out, const uint8_t *p, size_t n) {     \
    int found = 0;                                                       \
    for (size_t i = 0; i < n; i++) {                                     \
      out[i] = p[i];                                                     \
      found |= SPECIAL(p[i]);                                            \
    }                                                                    \
    return found;                                                        \
  }
#endif
COPY(copy_csv, csv_mask, csv_special)
COPY(copy_json, json_mask, json_special)

static inline int is_formula(uint8_t c) {
  return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n';
}

static inline uint8_t *csv_field(uint8_t *out, const uint8_t *p, size_t n, int safe) {
  if (n == 0) {
    out[0] = out[1] = '"';
    return out + 2;
  }
  int apostrophe = safe && is_formula(p[0]);
  uint8_t *start = out;
  if (apostrophe) *out++ = '\'';
  if (!copy_csv(out, p, n)) return out + n;
  out = start;
  *out++ = '"';
  if (apostrophe) *out++ = '\'';
  for (size_t i = 0; i < n; i++) {
    if (p[i] == '"') *out++ = '"';
    *out++ = p[i];
  }
  *out++ = '"';
  return out;
}

size_t cscan_csv_text(const uint8_t *p, size_t n, int safe, uint8_t *out) { return (size_t)(csv_field(out, p, n, safe) - out); }

size_t cscan_csv_bound(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n) {
  size_t bytes = n + 32;
  for (size_t r = 0; r < n; r++)
    for (size_t c = 0; c < f->columns; c++) bytes += 2 * cell_at(b, f, rows[r], c).n + 4;
  return bytes;
}

size_t cscan_csv_rows(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n, uint8_t *out) {
  uint8_t *at = out;
  for (size_t r = 0; r < n; r++) {
    for (size_t c = 0; c < f->columns; c++) {
      if (c) *at++ = ',';
      text t = cell_at(b, f, rows[r], c);
      // The one field of a one-column row cannot be left blank: readers skip blank lines.
      if (t.missing && f->columns > 1) continue;
      at = csv_field(at, t.p, t.missing ? 0 : t.n, f->spreadsheet_safe && f->types[c] == TEXT);
    }
    *at++ = '\n';
  }
  return (size_t)(at - out);
}

static inline uint8_t *json_field(uint8_t *out, const uint8_t *p, size_t n) {
  *out++ = '"';
  if (!copy_json(out, p, n)) {
    out += n;
    *out++ = '"';
    return out;
  }
  static const char hex[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    uint8_t c = p[i];
    if (!json_special(c)) {
      *out++ = c;
      continue;
    }
    *out++ = '\\';
    switch (c) {
      case '"': case '\\': *out++ = c; break;
      case '\b': *out++ = 'b'; break;
      case '\f': *out++ = 'f'; break;
      case '\n': *out++ = 'n'; break;
      case '\r': *out++ = 'r'; break;
      case '\t': *out++ = 't'; break;
      default:
        memcpy(out, "u00", 3);
        out[3] = (uint8_t)hex[c >> 4];
        out[4] = (uint8_t)hex[c & 15];
        out += 5;
    }
  }
  *out++ = '"';
  return out;
}

size_t cscan_json_text(const uint8_t *p, size_t n, uint8_t *out) { return (size_t)(json_field(out, p, n) - out); }

// RFC 8259 number: -? (0|[1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)?
static int is_json_number(const uint8_t *p, size_t n) {
  size_t i = 0;
#define DIGITS() do { if (i >= n || p[i] < '0' || p[i] > '9') return 0; while (i < n && p[i] >= '0' && p[i] <= '9') i++; } while (0)
  if (i < n && p[i] == '-') i++;
  if (i < n && p[i] == '0') i++;
  else DIGITS();
  if (i < n && p[i] == '.') {
    i++;
    DIGITS();
  }
  if (i < n && (p[i] | 32) == 'e') {
    i++;
    if (i < n && (p[i] == '+' || p[i] == '-')) i++;
    DIGITS();
  }
#undef DIGITS
  return i == n;
}

size_t cscan_json_bound(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n) {
  size_t keys = f->columns ? f->key_ends[f->columns - 1] : 1;
  size_t bytes = n * (keys + 2) + 32;
  for (size_t r = 0; r < n; r++)
    for (size_t c = 0; c < f->columns; c++) bytes += 6 * cell_at(b, f, rows[r], c).n + 4;
  return bytes;
}

size_t cscan_json_rows(const cscan_batch *b, const cscan_row_format *f, const int64_t *rows, size_t n, uint8_t *out) {
  uint8_t *at = out;
  for (size_t r = 0; r < n; r++) {
    size_t key = 0;
    if (f->columns == 0) *at++ = '{';
    for (size_t c = 0; c < f->columns; c++) {
      memcpy(at, f->keys + key, f->key_ends[c] - key);
      at += f->key_ends[c] - key;
      key = f->key_ends[c];
      text t = cell_at(b, f, rows[r], c);
      int bare = 0;
      if (!t.missing) switch (f->types[c]) {
        case INTEGER: case DECIMAL: bare = is_json_number(t.p, t.n); break;
        case BOOLEAN: bare = (t.n == 4 && !memcmp(t.p, "true", 4)) || (t.n == 5 && !memcmp(t.p, "false", 5)); break;
        default: break;
      }
      if (t.missing) {
        memcpy(at, "null", 4);
        at += 4;
      } else if (bare) {
        memcpy(at, t.p, t.n);
        at += t.n;
      } else {
        at = json_field(at, t.p, t.n);
      }
    }
    *at++ = '}';
    *at++ = '\n';
  }
  return (size_t)(at - out);
}
