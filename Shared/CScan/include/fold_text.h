#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// What a text has among its bytes.
#define CSCAN_NOT_ASCII 1
#define CSCAN_DIGIT 2
/// One of `-./_`.
#define CSCAN_CONNECTOR 4

/// Writes the words of a text to `out`, which has room for n + 16 bytes, and returns their length: ASCII letters in lower case, digits and bytes
/// of 0x80 and up; between words one blank, but for apostrophes and for points between digits, which stay. `has`: what the text has.
size_t cscan_fold_text(const uint8_t *p, size_t n, uint8_t *out, uint32_t *has);

/// The same without blanks and points: of the words their bytes alone.
size_t cscan_fold_code(const uint8_t *p, size_t n, uint8_t *out, uint32_t *has);

#ifdef __cplusplus
}
#endif
