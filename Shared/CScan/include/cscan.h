// SIMD kernels of the hot loops, each with a portable fallback chosen at run time.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "minhash.h"
#ifdef __cplusplus
extern "C" {
#endif

#include "column_values.h"
#include "json_records.h"
#include "csv_scan.h"
#include "decimal_text.h"
#include "edit_distance.h"
#include "fold_text.h"
#include "hash.h"
#include "time_text.h"
#include "text_write.h"
#include "words.h"

/// 1 when the bytes are all ASCII (below 0x80).
int cscan_is_ascii(const uint8_t *p, size_t n);

#ifdef __cplusplus
}
#endif

#include "cells.h"
