#pragma once
#include <arrow/filesystem/filesystem.h>
#include <arrow/io/interfaces.h>

#include <memory>

#include "sarrow.h"

/// An object that is open for reading, in any store.
struct sarrow_s3_input {
  std::shared_ptr<arrow::io::RandomAccessFile> file;
  int64_t size;
};

namespace sarrow {
/// Calls `visit` for every object below the folder; a folder that does not exist has none.
arrow::Status list_objects(arrow::fs::FileSystem &fs, const char *folder, void *context,
                           void (*visit)(void *context, const char *path, int64_t size));
arrow::Status open_object(arrow::fs::FileSystem &fs, const char *path, sarrow_s3_input **out);
}  // namespace sarrow
