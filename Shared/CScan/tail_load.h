// Loads at the end of a text.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

// Up to 16 bytes; zeros above, or what follows them: a load that stays within the page cannot fault, so it may run over the end.
__attribute__((no_sanitize("address"))) static inline bytes16 tail16(const uint8_t *p, size_t n) {
  bytes16 v = {0};
  if (n >= 16 || ((uintptr_t)p & 4095) <= 4080)
    memcpy(&v, p, 16);
  else
    memcpy(&v, p, n);
  return v;
}
