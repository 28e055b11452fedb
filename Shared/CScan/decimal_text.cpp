#include "decimal_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "two_digits.h"

namespace {
/// - Source: Adams, "Ryu: fast float-to-string conversion", PLDI 2018, is behind `std::to_chars`.
template <class T>
size_t write(T value, uint8_t *out) {
  char text[40];
  const char *end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const char *p = text;
  size_t n = 0;
  if (*p == '-') {
    out[n++] = '-';
    p++;
  }
  // d[.ddd]e[+-]xx
  char digits[24];
  int count = 0;
  for (; *p != 'e'; p++)
    if (*p != '.') digits[count++] = *p;
  const char *mark = p++;
  bool is_negative = *p++ == '-';
  int exponent = 0;
  for (; p < end; p++) exponent = exponent * 10 + (*p - '0');
  if (is_negative) exponent = -exponent;
  if (count == 1 && digits[0] == '0') {
    out[0] = '0';
    return 1;
  }
  if (exponent < -5 || exponent >= 16) {
    out[n++] = static_cast<uint8_t>(digits[0]);
    if (count > 1) out[n++] = '.';
    for (int i = 1; i < count; i++) out[n++] = static_cast<uint8_t>(digits[i]);
    // The exponent has a sign and two digits at least, as wanted.
    memcpy(out + n, mark, static_cast<size_t>(end - mark));
    return n + static_cast<size_t>(end - mark);
  }
  if (exponent < 0) {
    out[n++] = '0';
    out[n++] = '.';
    for (int i = -1; i > exponent; i--) out[n++] = '0';
    for (int i = 0; i < count; i++) out[n++] = static_cast<uint8_t>(digits[i]);
    return n;
  }
  for (int i = 0; i < count || i <= exponent; i++) {
    if (i == exponent + 1) out[n++] = '.';
    out[n++] = i < count ? static_cast<uint8_t>(digits[i]) : '0';
  }
  return n;
}

/// Writes `millionths` without zeros at its end; it is no whole number.
size_t write_millionths(uint64_t millionths, bool is_negative, uint8_t *out) {
  size_t n = 0;
  if (is_negative) out[n++] = '-';
  n += cscan_integer_text(static_cast<int64_t>(millionths / 1000000), out + n);
  out[n] = '.';
  put_six(static_cast<uint32_t>(millionths % 1000000), out + n + 1);
  n += 7;
  while (out[n - 1] == '0') n--;
  return n;
}
}  // namespace

extern "C" {
size_t cscan_decimal_text(double value, uint8_t *out) {
  double magnitude = std::fabs(value);
  if (magnitude < 9007199254740992.0 && static_cast<double>(static_cast<int64_t>(value)) == value)
    return cscan_integer_text(static_cast<int64_t>(value), out);
  // Two to six decimals are the bulk of real data: the scaled integer, when it reads back as the same double. With 15 digits it is the
  // only one that does.
  if (magnitude >= 1e-5 && magnitude < 1e9) {
    auto millionths = static_cast<int64_t>(magnitude * 1e6 + 0.5);
    if (static_cast<double>(millionths) / 1e6 == magnitude) return write_millionths(static_cast<uint64_t>(millionths), value < 0, out);
  }
  return write(value, out);
}
size_t cscan_single_text(float value, uint8_t *out) { return write(value, out); }
size_t cscan_integer_text(int64_t value, uint8_t *out) {
  char *text = reinterpret_cast<char *>(out);
  return static_cast<size_t>(std::to_chars(text, text + 20, value).ptr - text);
}
}
