#include "include/words.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define UPPER 0x20
#define WORD 0x40
#define CONNECTOR 1

static const uint8_t kinds[256] = {
    ['0' ... '9'] = WORD, ['A' ... 'Z'] = WORD | UPPER, ['a' ... 'z'] = WORD,
    ['-'] = CONNECTOR,    ['.'] = CONNECTOR,            ['/'] = CONNECTOR,    ['_'] = CONNECTOR,
};

static inline void add(uint64_t hash, uint64_t *hashes, size_t *count) {
  size_t at = *count;
  while (at > 0 && hashes[at - 1] > hash) at--;
  if (at > 0 && hashes[at - 1] == hash) return;
  for (size_t i = *count; i > at; i--) hashes[i] = hashes[i - 1];
  hashes[at] = hash;
  *count += 1;
}

void cscan_add_hash(uint64_t hash, uint64_t *hashes, size_t *count) { add(hash, hashes, count); }

size_t cscan_add_words(const uint8_t *form, size_t n, uint64_t seed, size_t most, uint64_t *hashes, size_t *count) {
  size_t start = 0, read = 0;
  while (start < n && read < most) {
    size_t end = start;
    while (end < n && form[end] != ' ') end++;
    if (end - start > 1) {
      read++;
      add(XXH3_64bits_withSeed(form + start, end - start, seed), hashes, count);
    }
    start = end + 1;
  }
  return read;
}

int cscan_next_run(const uint8_t *p, size_t n, size_t from, uint8_t *out, size_t room, cscan_word_run *run) {
  size_t i = from;
  while (i < n && !(kinds[p[i]] & WORD)) i++;
  if (i >= n) return 0;
  run->start = i;
  run->parts = 1;
  size_t length = 0;
  for (; i < n; i++) {
    const uint8_t kind = kinds[p[i]];
    if (kind & WORD) {
      if (length < room) out[length] = p[i] | (kind & UPPER);
      length++;
    } else if (kind == CONNECTOR && i + 1 < n && kinds[p[i + 1]] & WORD) {
      run->parts++;
    } else {
      break;
    }
  }
  run->end = i;
  run->length = length;
  return 1;
}
