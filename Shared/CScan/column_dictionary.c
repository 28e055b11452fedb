#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "column_values.h"

#define MISSING (1u << 30)
#define ARENA (1u << 31)
#define LENGTH (MISSING - 1)

// Beyond these a dictionary does not pay, whatever the column: bytes of the dictionary, and steps of one look-up (chosen
// collisions must not make a column quadratic).
#define DICTIONARY_BYTES (1u << 20)
#define PROBE_LIMIT 256
// After this many values, a column with more than one distinct value in two is written plain.
#define TRIAL 4096

int cscan_column_init(cscan_column *c, int typed, size_t row_capacity) {
  memset(c, 0, sizeof *c);
  c->typed = typed;
  c->row_capacity = row_capacity ? row_capacity : 1;
  c->value_capacity = 256;
  c->slot_mask = 1023;
  c->validity = calloc((c->row_capacity + 7) / 8 + 8, 1);
  c->indices = malloc(c->row_capacity * sizeof *c->indices);
  c->values = malloc(c->value_capacity * sizeof *c->values);
  c->hashes = malloc(c->value_capacity * sizeof *c->hashes);
  c->slots = calloc(c->slot_mask + 1, sizeof *c->slots);
  if (c->validity && c->indices && c->values && c->hashes && c->slots) return 0;
  cscan_column_free(c);
  return -1;
}

void cscan_column_free(cscan_column *c) {
  free(c->validity);
  free(c->indices);
  free(c->values);
  free(c->hashes);
  free(c->slots);
  memset(c, 0, sizeof *c);
}

static int give_up(cscan_column *c) {
  cscan_text *all = malloc(c->row_capacity * sizeof *all);
  if (!all) return -1;
  for (size_t i = 0; i < c->present; i++) all[i] = c->values[c->indices[i]];
  free(c->values);
  free(c->indices);
  free(c->hashes);
  free(c->slots);
  c->values = all;
  c->indices = NULL;
  c->hashes = NULL;
  c->slots = NULL;
  c->value_count = c->present;
  c->plain = 1;
  return 0;
}

static int grow_slots(cscan_column *c) {
  size_t mask = (c->slot_mask + 1) * 4 - 1;
  uint32_t *slots = calloc(mask + 1, sizeof *slots);
  if (!slots) return -1;
  for (size_t v = 0; v < c->value_count; v++) {
    size_t s = (size_t)c->hashes[v] & mask;
    while (slots[s]) s = (s + 1) & mask;
    slots[s] = (uint32_t)v + 1;
  }
  free(c->slots);
  c->slots = slots;
  c->slot_mask = mask;
  return 0;
}

static int grow_values(cscan_column *c) {
  size_t capacity = c->value_capacity * 2;
  cscan_text *values = realloc(c->values, capacity * sizeof *values);
  if (!values) return -1;
  c->values = values;
  uint64_t *hashes = realloc(c->hashes, capacity * sizeof *hashes);
  if (!hashes) return -1;
  c->hashes = hashes;
  c->value_capacity = capacity;
  return 0;
}

// Index of the value, or -1 when out of memory, or -2 when the dictionary should be given up.
static inline int64_t look_up(cscan_column *c, const uint8_t *p, size_t n) {
  uint64_t h = XXH3_64bits(p, n);
  size_t s = (size_t)h & c->slot_mask;
  for (unsigned step = 0; c->slots[s]; s = (s + 1) & c->slot_mask) {
    size_t v = c->slots[s] - 1;
    if (c->hashes[v] == h && c->values[v].n == n && memcmp(c->values[v].p, p, n) == 0) return (int64_t)v;
    if (++step > PROBE_LIMIT) return -2;
  }
  if (c->distinct_bytes + n > DICTIONARY_BYTES) return -2;
  if (c->value_count == c->value_capacity && grow_values(c)) return -1;
  size_t v = c->value_count++;
  c->values[v] = (cscan_text){p, n};
  c->hashes[v] = h;
  c->slots[s] = (uint32_t)v + 1;
  c->distinct_bytes += n;
  if (c->value_count * 2 > c->slot_mask && grow_slots(c)) return -1;
  return (int64_t)v;
}

static inline int add_value(cscan_column *c, const uint8_t *p, size_t n) {
  c->total_bytes += n;
  if (!c->plain) {
    int64_t v = look_up(c, p, n);
    if (v == -1) return -1;
    if (v >= 0) {
      c->indices[c->present++] = (uint32_t)v;
      return c->present == TRIAL && c->value_count > TRIAL / 2 ? give_up(c) : 0;
    }
    if (give_up(c)) return -1;
  }
  c->values[c->present++] = (cscan_text){p, n};
  c->value_count = c->present;
  return 0;
}

int cscan_column_add(cscan_column *c, const cscan_batch *b, const int64_t *rows, size_t n, int64_t column) {
  if (column < 0) {
    c->rows += n;
    return 0;
  }
  const uint64_t *cells = b->cells + column;
  for (size_t r = 0; r < n; r++) {
    uint64_t cell = cells[(size_t)rows[r] * b->columns];
    uint32_t offset = (uint32_t)cell, meta = (uint32_t)(cell >> 32);
    size_t length = meta & LENGTH, row = c->rows++;
    if ((meta & MISSING) || (length == 0 && c->typed)) continue;
    c->validity[row >> 3] |= (uint8_t)(1 << (row & 7));
    if (add_value(c, (meta & ARENA ? b->arena : b->base) + offset, length)) return -1;
  }
  return 0;
}

int cscan_column_add_texts(cscan_column *c, const cscan_text *texts, size_t n) {
  for (size_t r = 0; r < n; r++) {
    size_t row = c->rows++;
    if (!texts[r].p) continue;
    c->validity[row >> 3] |= (uint8_t)(1 << (row & 7));
    if (add_value(c, texts[r].p, texts[r].n)) return -1;
  }
  return 0;
}

int cscan_column_finish(cscan_column *c, size_t width) {
  if (c->plain) return 0;
  size_t bits = 0;
  while (bits < 32 && ((uint64_t)1 << bits) < c->value_count) bits++;
  size_t dictionary = width ? width * c->value_count : c->distinct_bytes + 4 * c->value_count;
  size_t plain = width ? width * c->present : c->total_bytes + 4 * c->present;
  if (dictionary + c->present * bits / 8 + 64 < plain) return 0;
  return give_up(c);
}
