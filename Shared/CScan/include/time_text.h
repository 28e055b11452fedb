#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Writes `2026-11-21`. `days` count from 1970-01-01; outside the years 1 to 9999 nothing is written and 0 returned.
size_t cscan_date_text(int64_t days, uint8_t *out);

/// A day whose text was written; times of one day often stand together.
typedef struct {
  int64_t day;
  uint8_t text[10];
} cscan_last_day;
/// No day at all.
#define CSCAN_NO_DAY ((cscan_last_day){INT64_MIN, {0}})

/// Writes `2026-11-21T08:30:00`, six digits of a second where the fraction is not zero, `Z` when `is_utc`. `micros` count from
/// 1970-01-01T00:00:00; outside the years 1 to 9999 nothing is written and 0 returned. `out` needs room for 27 bytes.
size_t cscan_timestamp_text(int64_t micros, bool is_utc, cscan_last_day *last, uint8_t *out);

#ifdef __cplusplus
}
#endif
