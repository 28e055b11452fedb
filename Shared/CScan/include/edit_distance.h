#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Bytes of the shorter text that cscan_osa takes, at most.
#define CSCAN_OSA_BYTES 192

/// Optimal string alignment distance: the least number of letters put in, left out, replaced or exchanged with the next, none of them
/// edited twice. The shorter text has at most CSCAN_OSA_BYTES bytes.
size_t cscan_osa(const uint8_t *a, size_t n, const uint8_t *b, size_t m);

#ifdef __cplusplus
}
#endif
