#pragma once
#include <cstddef>
#include <cstdint>

#include "decimal_text.h"
#include "time_text.h"

namespace sarrow {
/// Room that a printer needs for one value.
inline constexpr int64_t longest_value = 64;

struct CivilDay {
  int64_t year;
  int month, day;
};
/// The day of any year, by the calendar of today; `days` since 1970-01-01.
CivilDay civil_day(int64_t days);

/// Printers write the canonical text of one value and return its length.
struct PrintInteger {
  size_t operator()(int64_t value, uint8_t *out) const { return cscan_integer_text(value, out); }
};
struct PrintDouble {
  size_t operator()(double value, uint8_t *out) const;
};
/// The shortest text of the single value: 0.1, not 0.10000000149011612.
struct PrintFloat {
  size_t operator()(float value, uint8_t *out) const;
};
struct PrintBoolean {
  size_t operator()(bool value, uint8_t *out) const;
};
/// Outside the years 1 to 9999: ISO 8601 expanded form.
struct PrintDate {
  size_t operator()(int32_t days, uint8_t *out) const;
};
/// `scale` is 1000 for nanoseconds, 1 for microseconds. Nanoseconds that are no whole microseconds keep nine digits.
struct PrintTimestamp {
  int64_t scale;
  bool utc;
  cscan_last_day last = CSCAN_NO_DAY;
  size_t operator()(int64_t value, uint8_t *out);
};
}  // namespace sarrow
