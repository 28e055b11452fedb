// JSON Lines: one record at a time, flattened to columns, numbers kept as exact text.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The columns that keys map to: dotted paths, numbered in order of first appearance.
typedef struct cscan_json_keys cscan_json_keys;
/// NULL when out of memory.
cscan_json_keys *cscan_json_keys_new(void);
void cscan_json_keys_free(cscan_json_keys *keys);
size_t cscan_json_keys_count(const cscan_json_keys *keys);
/// The path of a column; valid until the next key is added.
const uint8_t *cscan_json_key(const cscan_json_keys *keys, size_t column, size_t *n);
/// Adds a path that is new and returns its column; -1 when out of memory.
int64_t cscan_json_keys_add(cscan_json_keys *keys, const uint8_t *path, size_t n);

enum {
  CSCAN_JSON_OK = 0,
  CSCAN_JSON_NOT_OBJECT,
  CSCAN_JSON_SYNTAX,
  CSCAN_JSON_STRING,
  CSCAN_JSON_NUMBER,
  CSCAN_JSON_TRUNCATED,
  CSCAN_JSON_TRAILING,
  CSCAN_JSON_DEPTH,
  CSCAN_JSON_UTF8,
  CSCAN_JSON_MEMORY,
};

typedef struct {
  cscan_json_keys *keys;
  /// Unknown keys become columns; otherwise their values are passed over.
  int discover;
  /// Deepest nesting; 0 stands for 64. At most 256: parsing recurses.
  int depth_limit;
  /// Records are values of any kind; each is the one cell of column 0, objects as their text.
  int any_value;
  /// Columns of a row; keys beyond have no cell.
  size_t columns;
  /// malloc'ed text of this parser: unescaped strings, repaired records. Freed by cscan_json_free.
  uint8_t *scratch;
  size_t scratch_used;
  size_t scratch_capacity;
  /// Where the last record failed, from its start.
  size_t error_at;
} cscan_json;

void cscan_json_free(cscan_json *parser);
/// Parses the record base[start..<end], which must be followed by a line feed or a zero byte and by 16 readable bytes.
/// `cells`: a row of `columns` cells, all written unless NULL; offsets count from `base`, or from `scratch` with the arena bit.
/// On failure the keys that the record added are gone again.
int cscan_json_record(cscan_json *parser, const uint8_t *base, size_t start, size_t end, uint64_t *cells);
/// The same for a record whose bytes are not UTF-8: what is invalid is taken for Windows-1252.
int cscan_json_record_repaired(cscan_json *parser, const uint8_t *base, size_t start, size_t end, uint64_t *cells);

/// Where `byte` first occurs in p[0..<n], or n.
size_t cscan_find(const uint8_t *p, size_t n, uint8_t byte);
