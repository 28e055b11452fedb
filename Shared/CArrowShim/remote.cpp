#include "remote_input.hpp"
#include "status.hpp"

using arrow::Status;
namespace fs = arrow::fs;

struct sarrow_remote {
  std::shared_ptr<fs::FileSystem> fs;
  std::string path;
};

namespace sarrow {
Status list_objects(fs::FileSystem &fs, const char *folder, void *context, void (*visit)(void *, const char *, int64_t)) {
  fs::FileSelector selector;
  selector.base_dir = folder;
  selector.recursive = true;
  selector.allow_not_found = true;
  ARROW_ASSIGN_OR_RAISE(auto infos, fs.GetFileInfo(selector));
  for (auto &info : infos)
    if (info.IsFile()) visit(context, info.path().c_str(), info.size());
  return Status::OK();
}
Status open_object(fs::FileSystem &fs, const char *path, sarrow_s3_input **out) {
  ARROW_ASSIGN_OR_RAISE(auto file, fs.OpenInputFile(path));
  ARROW_ASSIGN_OR_RAISE(auto size, file->GetSize());
  *out = new sarrow_s3_input{std::move(file), size};
  return Status::OK();
}
}  // namespace sarrow

extern "C" {
int sarrow_remote_open(const char *uri, sarrow_remote **out, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    auto remote = std::make_unique<sarrow_remote>();
    ARROW_ASSIGN_OR_RAISE(remote->fs, fs::FileSystemFromUri(uri, &remote->path));
    *out = remote.release();
    return Status::OK();
  });
}
void sarrow_remote_free(sarrow_remote *remote) { delete remote; }
const char *sarrow_remote_path(const sarrow_remote *remote) { return remote->path.c_str(); }

int sarrow_remote_list(sarrow_remote *remote, const char *folder, void *context, void (*visit)(void *, const char *, int64_t),
                       sarrow_status *status) {
  return sarrow::guard(status, [&] { return sarrow::list_objects(*remote->fs, folder, context, visit); });
}
int sarrow_remote_input(sarrow_remote *remote, const char *path, sarrow_s3_input **out, sarrow_status *status) {
  return sarrow::guard(status, [&] { return sarrow::open_object(*remote->fs, path, out); });
}
}
