#include "status.hpp"

#include <arrow/util/io_util.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sarrow {
int report(const arrow::Status &s, sarrow_status *out) noexcept {
  if (s.ok()) return SARROW_OK;
  int code = SARROW_OTHER;
  switch (s.code()) {
    case arrow::StatusCode::OutOfMemory:
    case arrow::StatusCode::CapacityError: code = SARROW_OUT_OF_MEMORY; break;
    case arrow::StatusCode::IOError: code = SARROW_IO; break;
    case arrow::StatusCode::NotImplemented: code = SARROW_UNSUPPORTED; break;
    case arrow::StatusCode::Invalid:
    case arrow::StatusCode::TypeError:
    case arrow::StatusCode::SerializationError:
    case arrow::StatusCode::IndexError: code = SARROW_INVALID; break;
    default: break;
  }
  if (arrow::internal::ErrnoFromStatus(s) == ENOENT) code = SARROW_NOT_FOUND;
  if (out) *out = {code, strdup(s.message().c_str())};
  return code;
}
}  // namespace sarrow

extern "C" void sarrow_status_clear(sarrow_status *status) {
  free(status->message);
  *status = {SARROW_OK, nullptr};
}
