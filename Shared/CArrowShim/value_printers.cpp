#include "value_printers.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace sarrow {
namespace {
size_t put(const char *text, uint8_t *out) {
  size_t n = strlen(text);
  memcpy(out, text, n);
  return n;
}

template <class T>
size_t put_infinite(T value, uint8_t *out) {
  return put(std::isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf", out);
}

/// A day outside the years 1 to 9999.
size_t put_far_date(int64_t days, uint8_t *out) {
  CivilDay d = civil_day(days);
  char text[40];
  const char *sign = d.year < 0 ? "-" : d.year > 9999 ? "+" : "";
  snprintf(text, sizeof text, "%s%04lld-%02d-%02d", sign, static_cast<long long>(std::abs(d.year)), d.month, d.day);
  return put(text, out);
}
}  // namespace

// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
CivilDay civil_day(int64_t days) {
  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t day_of_era = z - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted = (5 * day_of_year + 2) / 153;
  int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  int day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

size_t PrintDouble::operator()(double value, uint8_t *out) const {
  return std::isfinite(value) ? cscan_decimal_text(value, out) : put_infinite(value, out);
}
size_t PrintFloat::operator()(float value, uint8_t *out) const {
  return std::isfinite(value) ? cscan_single_text(value, out) : put_infinite(value, out);
}
size_t PrintBoolean::operator()(bool value, uint8_t *out) const { return put(value ? "true" : "false", out); }

size_t PrintDate::operator()(int32_t days, uint8_t *out) const {
  size_t n = cscan_date_text(days, out);
  return n > 0 ? n : put_far_date(days, out);
}

size_t PrintTimestamp::operator()(int64_t value, uint8_t *out) {
  int64_t micros = value / scale, rest = value % scale;
  if (rest < 0) {
    rest += scale;
    micros--;
  }
  size_t n = cscan_timestamp_text(micros, utc && rest == 0, &last, out);
  if (n == 0) {
    const int64_t per_day = 86400000000;
    int64_t day = micros / per_day, clock = micros % per_day;
    if (clock < 0) {
      clock += per_day;
      day--;
    }
    uint8_t text[32];
    cscan_last_day first = CSCAN_NO_DAY;
    size_t length = cscan_timestamp_text(clock, utc, &first, text);
    n = put_far_date(day, out);
    memcpy(out + n, text + 10, length - 10);
    return n + length - 10;
  }
  if (rest == 0) return n;
  if (n == 19) n += put(".000000", out + n);
  for (int64_t divisor = 100; divisor > 0; divisor /= 10) out[n++] = static_cast<uint8_t>('0' + rest / divisor % 10);
  if (utc) out[n++] = 'Z';
  return n;
}
}  // namespace sarrow
