#pragma once
#include <stdint.h>
#include <string.h>

static const char two_digits[201] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// `value` is below 100.
static inline void put_two(uint32_t value, uint8_t *out) { memcpy(out, two_digits + 2 * value, 2); }

/// `value` is below 1,000,000.
static inline void put_six(uint32_t value, uint8_t *out) {
  put_two(value / 10000, out);
  put_two(value / 100 % 100, out + 2);
  put_two(value % 100, out + 4);
}
