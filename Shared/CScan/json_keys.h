// The key table as its users inside this module see it.
#pragma once
#include "json_records.h"

typedef struct {
  uint64_t hash;
  size_t offset;
  size_t length;
  /// ASCII that JSON writes as it is: a record has it byte by byte.
  int is_plain;
} cscan_json_entry;

struct cscan_json_keys {
  cscan_json_entry *entries;
  size_t count;
  size_t capacity;
  uint32_t *slots;
  size_t mask;
  uint8_t *text;
  size_t text_used;
  size_t text_capacity;
};

int64_t cscan_json_keys_find(const cscan_json_keys *k, const uint8_t *path, size_t n);
/// Forgets the keys from `count` on.
void cscan_json_keys_truncate(cscan_json_keys *k, size_t count);
