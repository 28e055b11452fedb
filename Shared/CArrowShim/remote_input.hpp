#pragma once
#include <arrow/io/interfaces.h>

#include <memory>

#include "sarrow.h"

/// An object that is open for reading, in any store.
struct sarrow_s3_input {
  std::shared_ptr<arrow::io::RandomAccessFile> file;
  int64_t size;
};
