#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Writes the shortest decimal that reads back as the same value: plain notation for 1e-5 <= |x| < 1e16, no trailing `.0`, else
/// `1.5e-07`. `value` is finite; `out` needs room for 32 bytes. Returns the length.
size_t cscan_decimal_text(double value, uint8_t *out);
/// The same of a single value: `0.1`, not `0.10000000149011612`.
size_t cscan_single_text(float value, uint8_t *out);

/// `out` needs room for 20 bytes.
size_t cscan_integer_text(int64_t value, uint8_t *out);

#ifdef __cplusplus
}
#endif
