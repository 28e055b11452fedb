#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "csv_scan.h"
#include "json_keys.h"

#define MISSING ((uint64_t)1 << 62)
#define ARENA ((uint64_t)1 << 63)
#define DEPTH_STANDARD 64
#define PATH_LIMIT 4096

typedef struct {
  cscan_json *j;
  const uint8_t *base;   // offsets count from here
  uint64_t origin;       // ARENA when base is the scratch
  const uint8_t *p;
  const uint8_t *end;
  uint64_t *cells;
  int depth_limit;
  size_t next_column;    // the column that the next key probably has
  int high;              // a byte above 0x7F was seen inside a string
  uint8_t path[PATH_LIMIT];
} state;

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

static inline void space(state *s) {
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n')) s->p++;
}

static int syntax(const state *s) { return s->p >= s->end ? CSCAN_JSON_TRUNCATED : CSCAN_JSON_SYNTAX; }

// Moves to the first quote, backslash or control character. The record ends in a line feed or zero byte, so it stops there at last.
static inline void plain_text(state *s) {
#ifdef __SSE2__
  for (;;) {
    __m128i v = _mm_loadu_si128((const __m128i *)s->p);
    __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v));
    int mask = _mm_movemask_epi8(stop), high = _mm_movemask_epi8(v);
    if (mask) {
      int n = __builtin_ctz((unsigned)mask);
      s->high |= high & ((1 << n) - 1);
      s->p += n;
      return;
    }
    s->high |= high;
    s->p += 16;
  }
#else
  while (*s->p != '"' && *s->p != '\\' && *s->p >= 0x20) s->high |= *s->p++ & 0x80;
#endif
}

static int hex4(state *s, uint32_t *out) {
  uint32_t v = 0;
  for (int i = 0; i < 4; i++, s->p++) {
    uint8_t c = *s->p;
    if (is_digit(c)) v = v << 4 | (uint32_t)(c - '0');
    else if ((uint8_t)((c | 32) - 'a') < 6) v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
    else return 0;
  }
  *out = v;
  return 1;
}

static uint8_t *put_utf8(uint8_t *out, uint32_t c) {
  if (c < 0x80) {
    *out++ = (uint8_t)c;
  } else if (c < 0x800) {
    *out++ = (uint8_t)(0xC0 | c >> 6);
    *out++ = (uint8_t)(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = (uint8_t)(0xE0 | c >> 12);
    *out++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    *out++ = (uint8_t)(0x80 | (c & 0x3F));
  } else {
    *out++ = (uint8_t)(0xF0 | c >> 18);
    *out++ = (uint8_t)(0x80 | (c >> 12 & 0x3F));
    *out++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    *out++ = (uint8_t)(0x80 | (c & 0x3F));
  }
  return out;
}

// After a backslash; unescapes one character. Half a surrogate pair becomes U+FFFD.
static int escape(state *s, uint8_t **out) {
  uint8_t c = *s->p++;
  switch (c) {
    case '"': case '\\': case '/': *(*out)++ = c; return CSCAN_JSON_OK;
    case 'b': *(*out)++ = '\b'; return CSCAN_JSON_OK;
    case 'f': *(*out)++ = '\f'; return CSCAN_JSON_OK;
    case 'n': *(*out)++ = '\n'; return CSCAN_JSON_OK;
    case 'r': *(*out)++ = '\r'; return CSCAN_JSON_OK;
    case 't': *(*out)++ = '\t'; return CSCAN_JSON_OK;
    case 'u': {
      uint32_t v;
      if (!hex4(s, &v)) return CSCAN_JSON_STRING;
      if (v >= 0xD800 && v < 0xDC00 && s->p[0] == '\\' && s->p[1] == 'u') {
        const uint8_t *back = s->p;
        uint32_t low;
        s->p += 2;
        if (!hex4(s, &low)) return CSCAN_JSON_STRING;
        if (low >= 0xDC00 && low < 0xE000) {
          *out = put_utf8(*out, 0x10000 + ((v - 0xD800) << 10) + (low - 0xDC00));
          return CSCAN_JSON_OK;
        }
        s->p = back;
      }
      *out = put_utf8(*out, v >= 0xD800 && v < 0xE000 ? 0xFFFD : v);
      return CSCAN_JSON_OK;
    }
    default: s->p--; return CSCAN_JSON_STRING;
  }
}

// At the opening quote. Text without escapes stays where it is; other text goes to `out` (NULL: nowhere), which has room.
static int string(state *s, uint8_t *out, const uint8_t **text, size_t *n, int *copied) {
  const uint8_t *start = ++s->p;
  plain_text(s);
  if (*s->p == '"') {
    *text = start;
    *n = (size_t)(s->p++ - start);
    *copied = 0;
    return CSCAN_JSON_OK;
  }
  uint8_t skipped[16];
  uint8_t *at = out;
  for (;;) {
    size_t run = (size_t)(s->p - start);
    if (out) {
      memcpy(at, start, run);
      at += run;
    }
    if (*s->p == '"') break;
    if (*s->p != '\\') return s->p >= s->end ? CSCAN_JSON_TRUNCATED : CSCAN_JSON_STRING;
    s->p++;
    uint8_t *nowhere = skipped;
    int failed = escape(s, out ? &at : &nowhere);
    if (failed) return s->p > s->end ? CSCAN_JSON_TRUNCATED : failed;
    start = s->p;
    plain_text(s);
  }
  s->p++;
  *text = out;
  *n = out ? (size_t)(at - out) : 0;
  *copied = 1;
  return CSCAN_JSON_OK;
}

// RFC 8259, and inside objects the words that Python writes for what JSON has no number for.
static int number(state *s) {
  const uint8_t *p = s->p;
  if (*p == '-') p++;
  if (*p == '0') {
    p++;
  } else if (is_digit(*p)) {
    while (is_digit(*p)) p++;
  } else if (!s->j->any_value && s->end - p >= 8 && memcmp(p, "Infinity", 8) == 0) {
    s->p = p + 8;
    return CSCAN_JSON_OK;
  } else {
    return CSCAN_JSON_NUMBER;
  }
  if (*p == '.') {
    p++;
    if (!is_digit(*p)) return CSCAN_JSON_NUMBER;
    while (is_digit(*p)) p++;
  }
  if ((*p | 32) == 'e') {
    p++;
    if (*p == '+' || *p == '-') p++;
    if (!is_digit(*p)) return CSCAN_JSON_NUMBER;
    while (is_digit(*p)) p++;
  }
  s->p = p;
  return CSCAN_JSON_OK;
}

static int word(state *s, const char *text, size_t n) {
  if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0) return syntax(s);
  s->p += n;
  return CSCAN_JSON_OK;
}

static int scalar(state *s) {
  switch (*s->p) {
    case 't': return word(s, "true", 4);
    case 'f': return word(s, "false", 5);
    case 'n': return word(s, "null", 4);
    case 'N': return s->j->any_value ? syntax(s) : word(s, "NaN", 3);
    case '-': case 'I': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      return number(s);
    default: return syntax(s);
  }
}

// Passes over any value, checking it.
static int skip(state *s, int depth) {
  if (depth > s->depth_limit) return CSCAN_JSON_DEPTH;
  const uint8_t *text;
  size_t n;
  int copied, failed;
  uint8_t open = *s->p;
  if (open == '"') return string(s, NULL, &text, &n, &copied);
  if (open != '[' && open != '{') return scalar(s);
  uint8_t close = open == '[' ? ']' : '}';
  s->p++;
  space(s);
  if (*s->p == close) {
    s->p++;
    return CSCAN_JSON_OK;
  }
  for (;;) {
    if (open == '{') {
      if (*s->p != '"') return syntax(s);
      if ((failed = string(s, NULL, &text, &n, &copied))) return failed;
      space(s);
      if (*s->p != ':') return syntax(s);
      s->p++;
      space(s);
    }
    if ((failed = skip(s, depth + 1))) return failed;
    space(s);
    if (*s->p == close) {
      s->p++;
      return CSCAN_JSON_OK;
    }
    if (*s->p != ',') return syntax(s);
    s->p++;
    space(s);
  }
}

static inline int same_text(const uint8_t *a, const uint8_t *b, size_t n) {
  uint64_t x, y, difference = 0;
  if (n < 8) {
    for (size_t i = 0; i < n; i++) difference |= (uint64_t)(a[i] ^ b[i]);
    return difference == 0;
  }
  for (size_t i = 0;; i += 8) {
    if (i > n - 8) i = n - 8;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    difference |= x ^ y;
    if (i == n - 8) return difference == 0;
  }
}

// The key at s->p (its opening quote) if it is the one that probably comes next: passes over it and returns its column, else -1.
static inline int64_t expected_key(state *s) {
  const cscan_json_keys *k = s->j->keys;
  if (s->next_column >= k->count) return -1;
  const cscan_json_entry *e = &k->entries[s->next_column];
  if (!e->is_plain || (size_t)(s->end - s->p) < e->length + 2 || s->p[e->length + 1] != '"') return -1;
  if (!same_text(s->p + 1, k->text + e->offset, e->length)) return -1;
  s->p += e->length + 2;
  return (int64_t)s->next_column++;
}

// -1: not a column; -2: out of memory.
static inline int64_t column_of(state *s, const uint8_t *path, size_t n) {
  cscan_json_keys *k = s->j->keys;
  if (n == 0) {
    path = (const uint8_t *)"_empty";
    n = 6;
  }
  size_t guess = s->next_column;
  if (guess < k->count && k->entries[guess].length == n && memcmp(k->text + k->entries[guess].offset, path, n) == 0) {
    s->next_column = guess + 1;
    return (int64_t)guess;
  }
  int64_t found = cscan_json_keys_find(k, path, n);
  if (found < 0 && s->j->discover) {
    found = cscan_json_keys_add(k, path, n);
    if (found < 0) return -2;
  }
  if (found >= 0) s->next_column = (size_t)found + 1;
  return found;
}

static inline void store(state *s, int64_t column, uint64_t cell) {
  if (s->cells && column >= 0 && (size_t)column < s->j->columns) s->cells[column] = cell;
}

static inline uint64_t cell_of(uint64_t origin, size_t offset, size_t n) {
  return (uint64_t)(uint32_t)offset | (uint64_t)n << 32 | origin;
}

static int object(state *s, size_t prefix, int depth);

// The value of the key at `path`, which lies in s->path when the value is an object. `column` is the key's, or negative when it is not known.
static int value(state *s, const uint8_t *path, size_t n, int64_t column, int depth) {
  const uint8_t *start = s->p;
  int failed;
  if (*start == '{') {
    if (depth >= s->depth_limit) return CSCAN_JSON_DEPTH;
    if (n > PATH_LIMIT - 1) return CSCAN_JSON_DEPTH;
    if (path != s->path) memcpy(s->path, path, n);
    return object(s, n, depth + 1);
  }
  if (column < 0) column = column_of(s, path, n);
  if (column == -2) return CSCAN_JSON_MEMORY;
  if (*start == '"') {
    const uint8_t *text;
    size_t length;
    int copied;
    uint8_t *out = s->cells && column >= 0 ? s->j->scratch + s->j->scratch_used : NULL;
    if ((failed = string(s, out, &text, &length, &copied))) return failed;
    if (out && copied) {
      store(s, column, cell_of(ARENA, s->j->scratch_used, length));
      s->j->scratch_used += length;
    } else if (!copied) {
      store(s, column, cell_of(s->origin, (size_t)(text - s->base), length));
    }
    return CSCAN_JSON_OK;
  }
  if ((failed = *start == '[' ? skip(s, depth + 1) : scalar(s))) return failed;
  store(s, column, *start == 'n' ? MISSING : cell_of(s->origin, (size_t)(start - s->base), (size_t)(s->p - start)));
  return CSCAN_JSON_OK;
}

// At the opening brace; s->path[0..<prefix] is the path of the object.
static int object(state *s, size_t prefix, int depth) {
  int failed;
  s->p++;
  space(s);
  if (*s->p == '}') {
    s->p++;
    return CSCAN_JSON_OK;
  }
  for (;;) {
    if (*s->p != '"') return syntax(s);
    const uint8_t *key;
    size_t n;
    int copied;
    // The unescaped key is never longer than it is in the record; it is built behind the prefix when it has escapes.
    const uint8_t *before = s->p;
    int64_t column = prefix ? -1 : expected_key(s);
    if (column >= 0) {
      key = before + 1;
      n = (size_t)(s->p - before) - 2;
      copied = 0;
    } else if ((failed = string(s, NULL, &key, &n, &copied))) {
      return failed;
    }
    size_t written = (size_t)(s->p - before);
    const uint8_t *path = key;
    size_t length = n;
    if (copied || prefix) {
      if (prefix + written + 1 > PATH_LIMIT) return CSCAN_JSON_DEPTH;
      size_t at = prefix;
      if (prefix) s->path[at++] = '.';
      if (copied) {
        s->p = before;
        if ((failed = string(s, s->path + at, &key, &n, &copied))) return failed;
      } else {
        memcpy(s->path + at, key, n);
      }
      path = s->path;
      length = at + n;
    }
    space(s);
    if (*s->p != ':') return syntax(s);
    s->p++;
    space(s);
    if ((failed = value(s, path, length, column, depth))) return failed;
    space(s);
    if (*s->p == '}') {
      s->p++;
      return CSCAN_JSON_OK;
    }
    if (*s->p != ',') return syntax(s);
    s->p++;
    space(s);
  }
}

// Length of the valid UTF-8 sequence at p, or 0.
static size_t sequence(const uint8_t *p, const uint8_t *end) {
  uint8_t c = p[0];
  if (c < 0x80) return 1;
  size_t n = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
  if (n == 0 || (size_t)(end - p) < n) return 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  if ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F) || (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F)) return 0;
  return n;
}

static int reserve(cscan_json *j, size_t n) {
  if (j->scratch_used + n + 64 <= j->scratch_capacity) return 1;
  size_t capacity = (j->scratch_used + n + 64) * 2;
  uint8_t *scratch = realloc(j->scratch, capacity);
  if (!scratch) return 0;
  j->scratch = scratch;
  j->scratch_capacity = capacity;
  return 1;
}

// A record that need not be an object, as the one cell of its row.
static int any_value(state *s) {
  static const uint8_t name[] = "value";
  if (*s->p != '{') return value(s, name, sizeof name - 1, -1, 0);
  const uint8_t *start = s->p;
  int failed = skip(s, 1);
  if (failed) return failed;
  int64_t column = column_of(s, name, sizeof name - 1);
  if (column == -2) return CSCAN_JSON_MEMORY;
  store(s, column, cell_of(s->origin, (size_t)(start - s->base), (size_t)(s->p - start)));
  return CSCAN_JSON_OK;
}

static int record(cscan_json *j, const uint8_t *base, size_t start, size_t end, uint64_t origin, uint64_t *cells) {
  // Not initialised as a whole: the path is 4 KiB.
  state s;
  s.j = j;
  s.base = base;
  s.origin = origin;
  s.p = base + start;
  s.end = base + end;
  s.cells = cells;
  s.next_column = 0;
  s.depth_limit = j->depth_limit > 0 ? j->depth_limit : DEPTH_STANDARD;
  s.high = 0;
  size_t keys = cscan_json_keys_count(j->keys);
  size_t scratch = j->scratch_used;
  if (cells)
    for (size_t c = 0; c < j->columns; c++) cells[c] = MISSING;
  space(&s);
  int failed = j->any_value ? any_value(&s) : *s.p == '{' ? object(&s, 0, 1) : CSCAN_JSON_NOT_OBJECT;
  if (!failed) {
    space(&s);
    if (s.p > s.end) failed = CSCAN_JSON_TRUNCATED;
    else if (s.p < s.end) failed = CSCAN_JSON_TRAILING;
    else if (s.high && !cscan_utf8_valid(base + start, end - start)) failed = CSCAN_JSON_UTF8;
  }
  if (failed) {
    cscan_json_keys_truncate(j->keys, keys);
    j->scratch_used = scratch;
    size_t at = (size_t)(s.p - base);
    j->error_at = (at < end ? at : end) - start;
  }
  return failed;
}

int cscan_json_record(cscan_json *j, const uint8_t *base, size_t start, size_t end, uint64_t *cells) {
  // Unescaped text is never longer than the record, so the scratch does not move while it is parsed.
  if (!reserve(j, end - start)) return CSCAN_JSON_MEMORY;
  return record(j, base, start, end, 0, cells);
}

int cscan_json_record_repaired(cscan_json *j, const uint8_t *base, size_t start, size_t end, uint64_t *cells) {
  static const uint16_t windows[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                       0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                       0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  size_t n = end - start;
  // The repaired record, then room for its unescaped text.
  if (!reserve(j, 6 * n + 64)) return CSCAN_JSON_MEMORY;
  size_t from = j->scratch_used;
  uint8_t *out = j->scratch + from;
  const uint8_t *p = base + start, *stop = base + end;
  while (p < stop) {
    size_t length = sequence(p, stop);
    if (length) {
      memcpy(out, p, length);
      out += length;
      p += length;
    } else {
      out = put_utf8(out, *p < 0xA0 ? windows[*p - 0x80] : *p);
      p++;
    }
  }
  size_t to = (size_t)(out - j->scratch);
  memset(out, 0, 32);
  j->scratch_used = to + 32;
  int failed = record(j, j->scratch, from, to, ARENA, cells);
  if (failed) j->scratch_used = from;
  return failed;
}

void cscan_json_free(cscan_json *j) {
  free(j->scratch);
  memset(j, 0, sizeof *j);
}

size_t cscan_find(const uint8_t *p, size_t n, uint8_t byte) {
  const uint8_t *found = n ? memchr(p, byte, n) : NULL;
  return found ? (size_t)(found - p) : n;
}
