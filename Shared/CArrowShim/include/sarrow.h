// What the product uses of Arrow C++, as plain C: reading Parquet, and S3.
//
// Every function that can fail returns 0 or a code of sarrow_code and fills `status` (free its message with sarrow_status_clear).
// No C++ exception leaves this library. Handles belong to one thread at a time unless said otherwise.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

enum {
  SARROW_OK = 0,
  SARROW_INVALID = 1,
  SARROW_NOT_FOUND = 2,
  SARROW_OUT_OF_MEMORY = 3,
  SARROW_IO = 4,
  SARROW_UNSUPPORTED = 5,
  SARROW_OTHER = 6,
};

typedef struct {
  int code;
  /// NUL-terminated, or NULL when code is 0.
  char *message;
} sarrow_status;
void sarrow_status_clear(sarrow_status *status);

// ---- Parquet ----

/// Random-access bytes behind a callback; called from the thread that reads, several at once for several cursors.
typedef struct {
  void *context;
  int64_t size;
  /// Reads up to `n` bytes; returns how many, or -1 on failure.
  int64_t (*read)(void *context, int64_t offset, void *buffer, int64_t n);
} sarrow_source;

/// A text in the caller's arena. The bits of `meta` above its length: Tabular's Cell.
typedef struct {
  uint32_t offset;
  uint32_t meta;
} sarrow_cell;
enum { SARROW_CELL_MISSING = 1 << 30 };
#define SARROW_CELL_ARENA (1u << 31)

/// Where the caller keeps texts.
typedef struct sarrow_arena {
  void *context;
  uint8_t *base;
  /// Bytes in use, and as many as there are.
  int64_t count, capacity;
  /// Makes room for `n` bytes behind `count`, which may move `base`; false when there must not be as many.
  bool (*grow)(struct sarrow_arena *arena, int64_t n);
} sarrow_arena;

/// What a column is declared to be.
enum {
  SARROW_DECLARED_NONE = 0,
  SARROW_DECLARED_INTEGER = 1,
  SARROW_DECLARED_DECIMAL = 2,
  SARROW_DECLARED_BOOLEAN = 3,
  SARROW_DECLARED_DATE = 4,
  SARROW_DECLARED_TIMESTAMP = 5,
  SARROW_DECLARED_TEXT = 6,
};

typedef struct sarrow_parquet sarrow_parquet;
typedef struct sarrow_cursor sarrow_cursor;

/// Reads the footer. `source` is copied; its context must outlive the handle and its cursors.
/// `memory_limit`: bytes that decoding may hold at once, per cursor. The handle may be shared by threads.
int sarrow_parquet_open(const sarrow_source *source, int64_t memory_limit, sarrow_parquet **out, sarrow_status *status);
void sarrow_parquet_free(sarrow_parquet *file);
int sarrow_parquet_columns(const sarrow_parquet *file);
/// Name of a column, structs flattened to dotted names; valid as long as the handle.
const char *sarrow_parquet_name(const sarrow_parquet *file, int column, size_t *length);
int sarrow_parquet_declared(const sarrow_parquet *file, int column);
int sarrow_parquet_row_groups(const sarrow_parquet *file);
int64_t sarrow_parquet_group_rows(const sarrow_parquet *file, int group);
/// As the footer says: untrusted.
int64_t sarrow_parquet_group_bytes(const sarrow_parquet *file, int group);

/// Opens a row group at its first row. `batch_rows`: most rows per batch.
int sarrow_cursor_open(const sarrow_parquet *file, int group, int64_t batch_rows, sarrow_cursor **out, sarrow_status *status);
/// Passes over whole batches while they end before `row`, or at it; `position` is the row that comes next.
int sarrow_cursor_skip(sarrow_cursor *cursor, int64_t row, int64_t *position, sarrow_status *status);
/// Goes on to the next batch, of `most` rows if that is possible; `rows` is 0 at the end of the row group.
int sarrow_cursor_next(sarrow_cursor *cursor, int64_t most, int64_t *rows, sarrow_status *status);
/// Writes the cells of `rows` rows of the batch from `first` on, row after row, as canonical text. Rows of a batch are read in order.
int sarrow_cursor_cells(sarrow_cursor *cursor, int64_t first, int64_t rows, sarrow_arena *arena, sarrow_cell *cells,
                        sarrow_status *status);
void sarrow_cursor_free(sarrow_cursor *cursor);

// ---- S3 ----

typedef struct {
  /// NULL: the default credential chain (environment, profile, instance).
  const char *access_key;
  const char *secret_key;
  const char *session_token;
  const char *region;
  /// host:port, or NULL for AWS.
  const char *endpoint;
  /// "http" or "https".
  const char *scheme;
  /// PEM file of certificate authorities, or NULL.
  const char *ca_file;
  double connect_timeout_seconds;
  double request_timeout_seconds;
} sarrow_s3_options;

/// A client; may be shared by threads. Paths are `bucket/key`.
typedef struct sarrow_s3 sarrow_s3;
typedef struct sarrow_s3_input sarrow_s3_input;
typedef struct sarrow_s3_output sarrow_s3_output;

int sarrow_s3_open(const sarrow_s3_options *options, sarrow_s3 **out, sarrow_status *status);
void sarrow_s3_free(sarrow_s3 *s3);
int sarrow_s3_create_bucket(sarrow_s3 *s3, const char *bucket, sarrow_status *status);
/// `size` is -1 when there is no such object.
int sarrow_s3_size(sarrow_s3 *s3, const char *path, int64_t *size, sarrow_status *status);
/// Calls `visit` for every object below the folder; a folder that does not exist has none.
int sarrow_s3_list(sarrow_s3 *s3, const char *folder, void *context, void (*visit)(void *context, const char *path, int64_t size),
                   sarrow_status *status);
// The names of the folders right below `folder`.
int sarrow_s3_folders(sarrow_s3 *s3, const char *folder, void *context, void (*visit)(void *context, const char *name),
                      sarrow_status *status);
int sarrow_s3_delete(sarrow_s3 *s3, const char *path, sarrow_status *status);
int sarrow_s3_delete_folder(sarrow_s3 *s3, const char *path, sarrow_status *status);

int sarrow_s3_open_input(sarrow_s3 *s3, const char *path, sarrow_s3_input **out, sarrow_status *status);
int64_t sarrow_s3_input_size(const sarrow_s3_input *input);
/// May be called by several threads at once.
int sarrow_s3_read(sarrow_s3_input *input, int64_t offset, void *buffer, int64_t n, int64_t *got, sarrow_status *status);
void sarrow_s3_input_free(sarrow_s3_input *input);

int sarrow_s3_open_output(sarrow_s3 *s3, const char *path, sarrow_s3_output **out, sarrow_status *status);
int sarrow_s3_write(sarrow_s3_output *output, const void *bytes, int64_t n, sarrow_status *status);
/// Publishes the object and frees the handle, whatever the outcome.
int sarrow_s3_close(sarrow_s3_output *output, sarrow_status *status);
/// Drops what was uploaded and frees the handle: destroying an unclosed stream would publish it.
void sarrow_s3_abort(sarrow_s3_output *output);

// ---- Other stores, by address (gs://, abfs://) ----

/// A file system and a path in it; may be shared by threads.
typedef struct sarrow_remote sarrow_remote;
int sarrow_remote_open(const char *uri, sarrow_remote **out, sarrow_status *status);
void sarrow_remote_free(sarrow_remote *remote);
/// The path that the address means; valid as long as the handle.
const char *sarrow_remote_path(const sarrow_remote *remote);
/// Calls `visit` for every object below the folder; a folder that does not exist has none.
int sarrow_remote_list(sarrow_remote *remote, const char *folder, void *context,
                       void (*visit)(void *context, const char *path, int64_t size), sarrow_status *status);
int sarrow_remote_input(sarrow_remote *remote, const char *path, sarrow_s3_input **out, sarrow_status *status);

#ifdef __cplusplus
}
#endif
