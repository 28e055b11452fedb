#include <stdlib.h>
#include <string.h>

#include "column_values.h"

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

static int parse_integer(const uint8_t *p, size_t n, int64_t *out) {
  size_t i = 0;
  int negative = n && p[0] == '-';
  i += (size_t)negative;
  size_t digits = n - i;
  if (digits == 0 || digits > 19 || (p[i] == '0' && (digits > 1 || negative))) return 0;
  uint64_t v = 0;
  for (; i < n; i++) {
    if (!is_digit(p[i])) return 0;
    v = v * 10 + (uint64_t)(p[i] - '0');
  }
  if (v > (uint64_t)INT64_MAX + (uint64_t)negative) return 0;
  *out = (int64_t)(negative ? 0 - v : v);
  return 1;
}

size_t cscan_parse_integers(const cscan_text *v, size_t n, int64_t *out) {
  for (size_t i = 0; i < n; i++)
    if (!parse_integer(v[i].p, v[i].n, out + i)) return i;
  return n;
}

static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// -? digits (. digits)? (e [+-]? digits)?
static int parse_double(const uint8_t *p, size_t n, double *out) {
  size_t i = 0;
  int negative = n && p[0] == '-';
  i += (size_t)negative;
  uint64_t m = 0;
  int scale = 0, digits = 0;
  size_t start = i;
  while (i < n && is_digit(p[i])) {
    if (digits || p[i] != '0') digits++;
    m = m * 10 + (uint64_t)(p[i++] - '0');
  }
  if (i == start) return 0;
  if (i < n && p[i] == '.') {
    size_t point = ++i;
    while (i < n && is_digit(p[i])) {
      if (digits || p[i] != '0') digits++;
      m = m * 10 + (uint64_t)(p[i++] - '0');
      scale++;
    }
    if (i == point) return 0;
  }
  // Up to 2^53 and 10^22 both operands are exact, so one division rounds once (Clinger 1990).
  if (i == n && digits <= 15 && scale <= 22) {
    double d = (double)m / power[scale];
    *out = negative ? -d : d;
    return 1;
  }
  if (i < n) {
    if ((p[i] | 32) != 'e') return 0;
    i++;
    if (i < n && (p[i] == '+' || p[i] == '-')) i++;
    size_t e = i;
    while (i < n && is_digit(p[i])) i++;
    if (i == e || i < n) return 0;
  }
  char text[512];
  if (n >= sizeof text) return 0;
  memcpy(text, p, n);
  text[n] = 0;
  double d = strtod(text, NULL);
  if (d - d != 0) return 0;  // overflowed
  *out = d;
  return 1;
}

size_t cscan_parse_doubles(const cscan_text *v, size_t n, double *out) {
  for (size_t i = 0; i < n; i++)
    if (!parse_double(v[i].p, v[i].n, out + i)) return i;
  return n;
}

size_t cscan_parse_booleans(const cscan_text *v, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++) {
    if (v[i].n == 4 && memcmp(v[i].p, "true", 4) == 0) out[i] = 1;
    else if (v[i].n == 5 && memcmp(v[i].p, "false", 5) == 0) out[i] = 0;
    else return i;
  }
  return n;
}

static int number(const uint8_t *p, int digits) {
  int v = 0;
  for (int i = 0; i < digits; i++) {
    if (!is_digit(p[i])) return -1;
    v = v * 10 + (p[i] - '0');
  }
  return v;
}

// YYYY-MM-DD to days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
static int parse_date(const uint8_t *p, int64_t *days) {
  int y = number(p, 4), m = number(p + 5, 2), d = number(p + 8, 2);
  if (y < 1 || m < 1 || m > 12 || d < 1 || p[4] != '-' || p[7] != '-') return 0;
  int leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (d > month_days[m - 1] + (m == 2 && leap)) return 0;
  int64_t year = y - (m <= 2);
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t of_era = year - era * 400;
  int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  *days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  return 1;
}

size_t cscan_parse_dates(const cscan_text *v, size_t n, int32_t *out) {
  for (size_t i = 0; i < n; i++) {
    int64_t days;
    if (v[i].n != 10 || !parse_date(v[i].p, &days)) return i;
    out[i] = (int32_t)days;
  }
  return n;
}

// YYYY-MM-DDTHH:MM:SS[.f{1,6}][Z]
static int parse_timestamp(const uint8_t *p, size_t n, int utc, int64_t *out) {
  int64_t days;
  if (n < 19 || p[10] != 'T' || p[13] != ':' || p[16] != ':' || !parse_date(p, &days)) return 0;
  int h = number(p + 11, 2), m = number(p + 14, 2), s = number(p + 17, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return 0;
  size_t i = 19;
  int64_t micros = 0;
  if (i < n && p[i] == '.') {
    int64_t unit = 1000000;
    for (i++; i < n && is_digit(p[i]); i++) {
      if (unit == 1) return 0;
      unit /= 10;
      micros += unit * (p[i] - '0');
    }
    if (unit == 1000000) return 0;
  }
  if (utc) {
    if (i + 1 != n || p[i] != 'Z') return 0;
  } else if (i != n) {
    return 0;
  }
  *out = (((days * 24 + h) * 60 + m) * 60 + s) * 1000000 + micros;
  return 1;
}

size_t cscan_parse_timestamps(const cscan_text *v, size_t n, int utc, int64_t *out) {
  for (size_t i = 0; i < n; i++)
    if (!parse_timestamp(v[i].p, v[i].n, utc, out + i)) return i;
  return n;
}
