#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "json_keys.h"

struct cscan_json_keys *cscan_json_keys_new(void) {
  cscan_json_keys *k = calloc(1, sizeof *k);
  if (!k) return NULL;
  k->mask = 255;
  k->slots = calloc(k->mask + 1, sizeof *k->slots);
  k->capacity = 64;
  k->entries = malloc(k->capacity * sizeof *k->entries);
  k->text_capacity = 4096;
  k->text = malloc(k->text_capacity);
  if (k->slots && k->entries && k->text) return k;
  cscan_json_keys_free(k);
  return NULL;
}

void cscan_json_keys_free(cscan_json_keys *k) {
  if (!k) return;
  free(k->slots);
  free(k->entries);
  free(k->text);
  free(k);
}

size_t cscan_json_keys_count(const cscan_json_keys *k) { return k->count; }

const uint8_t *cscan_json_key(const cscan_json_keys *k, size_t column, size_t *n) {
  *n = k->entries[column].length;
  return k->text + k->entries[column].offset;
}

int64_t cscan_json_keys_find(const cscan_json_keys *k, const uint8_t *path, size_t n) {
  uint64_t h = XXH3_64bits(path, n);
  for (size_t s = (size_t)h & k->mask; k->slots[s]; s = (s + 1) & k->mask) {
    const cscan_json_entry *e = &k->entries[k->slots[s] - 1];
    if (e->hash == h && e->length == n && memcmp(k->text + e->offset, path, n) == 0) return k->slots[s] - 1;
  }
  return -1;
}

static void place(cscan_json_keys *k, size_t i) {
  size_t s = (size_t)k->entries[i].hash & k->mask;
  while (k->slots[s]) s = (s + 1) & k->mask;
  k->slots[s] = (uint32_t)i + 1;
}

static int is_plain(const uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i] < 0x20 || p[i] > 0x7E || p[i] == '"' || p[i] == '\\') return 0;
  return 1;
}

int64_t cscan_json_keys_add(cscan_json_keys *k, const uint8_t *path, size_t n) {
  if ((k->count + 1) * 2 > k->mask) {
    size_t mask = (k->mask + 1) * 2 - 1;
    uint32_t *slots = calloc(mask + 1, sizeof *slots);
    if (!slots) return -1;
    free(k->slots);
    k->slots = slots;
    k->mask = mask;
    for (size_t i = 0; i < k->count; i++) place(k, i);
  }
  if (k->count == k->capacity) {
    cscan_json_entry *entries = realloc(k->entries, k->capacity * 2 * sizeof *entries);
    if (!entries) return -1;
    k->entries = entries;
    k->capacity *= 2;
  }
  if (k->text_used + n > k->text_capacity) {
    size_t capacity = (k->text_used + n) * 2;
    uint8_t *text = realloc(k->text, capacity);
    if (!text) return -1;
    k->text = text;
    k->text_capacity = capacity;
  }
  memcpy(k->text + k->text_used, path, n);
  k->entries[k->count] = (cscan_json_entry){XXH3_64bits(path, n), k->text_used, n, is_plain(path, n)};
  k->text_used += n;
  place(k, k->count);
  return (int64_t)k->count++;
}

// The last key sits in the last slot of its probe chain, so emptying that slot cuts no other key off.
void cscan_json_keys_truncate(cscan_json_keys *k, size_t count) {
  while (k->count > count) {
    size_t i = --k->count;
    size_t s = (size_t)k->entries[i].hash & k->mask;
    while (k->slots[s] != i + 1) s = (s + 1) & k->mask;
    k->slots[s] = 0;
    k->text_used = k->entries[i].offset;
  }
}
