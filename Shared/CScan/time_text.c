#include "time_text.h"

#include "two_digits.h"

/// First and last day of the years 1 to 9999.
enum { first_day = -719162, last_day = 2932896 };

/// - Source: Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022: years begin in March,
/// divisions are multiplications.
size_t cscan_date_text(int64_t days, uint8_t *out) {
  if (days < first_day || days > last_day) return 0;
  uint32_t n = 4 * (uint32_t)(days + 719468) + 3;
  uint32_t century = n / 146097;
  uint64_t scaled = (uint64_t)2939745 * (n % 146097 | 3);
  uint32_t day_of_year = (uint32_t)scaled / 2939745 / 4;
  uint32_t month_and_day = 2141 * day_of_year + 197913;
  bool is_next_year = day_of_year >= 306;
  uint32_t year = 100 * century + (uint32_t)(scaled >> 32) + is_next_year;
  uint32_t month = (month_and_day >> 16) - (is_next_year ? 12 : 0);
  put_two(year / 100, out);
  put_two(year % 100, out + 2);
  out[4] = '-';
  put_two(month, out + 5);
  out[7] = '-';
  put_two((month_and_day & 0xFFFF) / 2141 + 1, out + 8);
  return 10;
}

size_t cscan_timestamp_text(int64_t micros, bool is_utc, cscan_last_day *last, uint8_t *out) {
  const int64_t per_day = 86400000000;
  int64_t day = micros / per_day, rest = micros % per_day;
  if (rest < 0) {
    rest += per_day;
    day--;
  }
  if (day != last->day) {
    if (cscan_date_text(day, last->text) == 0) return 0;
    last->day = day;
  }
  memcpy(out, last->text, sizeof last->text);
  uint32_t seconds = (uint32_t)((uint64_t)rest / 1000000), fraction = (uint32_t)((uint64_t)rest % 1000000);
  out[10] = 'T';
  put_two(seconds / 3600, out + 11);
  out[13] = ':';
  put_two(seconds / 60 % 60, out + 14);
  out[16] = ':';
  put_two(seconds % 60, out + 17);
  size_t n = 19;
  if (fraction != 0) {
    out[19] = '.';
    put_six(fraction, out + 20);
    n = 26;
  }
  if (is_utc) out[n++] = 'Z';
  return n;
}
