// The words of a text.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Words of a row that are looked at, at most.
#define CSCAN_MOST_WORDS 120

/// Writes the hashes (XXH3) of the words of a text in normal form (blanks between words, see `cscan_fold_text`), but for those of one byte;
/// of `most` words at most. Returns how many these were.
size_t cscan_hash_words(const uint8_t *form, size_t n, uint64_t seed, size_t most, uint64_t *hashes);

/// Makes hashes ascend and differ; returns how many are left of `count`. There is room for `CSCAN_MOST_WORDS` of them.
size_t cscan_sort_hashes(uint64_t *hashes, size_t count);

/// A run of ASCII letters and digits, with single `-./_` between them.
typedef struct {
  size_t start, end;
  /// Letters and digits.
  size_t length;
  size_t parts;
} cscan_word_run;

/// The first run at `from` or behind it; 0 when there is none. Its letters in lower case and its digits, but for those that have no room, go to
/// `out`.
int cscan_next_run(const uint8_t *p, size_t n, size_t from, uint8_t *out, size_t room, cscan_word_run *run);

#ifdef __cplusplus
}
#endif
