#pragma once
#include <arrow/status.h>

#include <exception>
#include <new>

#include "sarrow.h"

namespace sarrow {
int report(const arrow::Status &s, sarrow_status *out) noexcept;

/// Runs `body`, which returns arrow::Status; exceptions become statuses.
template <class Body>
int guard(sarrow_status *out, Body &&body) noexcept {
  if (out) *out = {SARROW_OK, nullptr};
  try {
    return report(body(), out);
  } catch (const std::bad_alloc &) {
    return report(arrow::Status::OutOfMemory("out of memory"), out);
  } catch (const std::exception &e) {
    // Parquet throws ParquetException for malformed files.
    return report(arrow::Status::Invalid(e.what()), out);
  } catch (...) {
    return report(arrow::Status::UnknownError("unknown C++ exception"), out);
  }
}
}  // namespace sarrow
