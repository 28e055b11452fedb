#include "cscan.h"

int cscan_is_ascii(const uint8_t *p, size_t n) {
  uint8_t any = 0;
  for (size_t i = 0; i < n; i++) any |= p[i];
  return any < 0x80;
}
