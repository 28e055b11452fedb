// Character grams of a row and their MinHash values.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// MinHash values per row.
#define CSCAN_MINHASH 32
/// Words of a bitmap with one bit per gram class (the top 16 bits of a gram).
#define CSCAN_GRAM_WORDS 1024

/// Writes the gram hashes of a row and returns how many.
///
/// `cells` holds `columns` pairs (offset, meta) as in Tabular's Cell; `roles` says per column: 0 leave out, 1 every run of
/// four characters, lower-cased (ASCII), 2 the cell as a whole, counted once per two bytes, at most 6 times. Grams whose class is set in `common` (may be
/// NULL) are left out. `text` needs room for the bytes of all cells + 2 * columns + 16, `grams` for as many items + 6 * columns.
size_t cscan_grams(const uint32_t *cells, const uint8_t *base, const uint8_t *arena, const uint8_t *roles, size_t columns,
                   const uint64_t *common, uint8_t *text, uint32_t *grams);

/// out[k] = min over grams of (gram ^ seed[k]) * mult[k]; all ones when n is 0.
void cscan_minhash(const uint32_t *grams, size_t n, const uint32_t *mult, const uint32_t *seed, uint32_t *out);

#ifdef __cplusplus
}
#endif
