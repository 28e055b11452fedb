#include <arrow/filesystem/s3fs.h>
#include <arrow/util/future.h>

#include <cstdlib>

#include "remote_input.hpp"
#include "status.hpp"

using arrow::Status;
namespace fs = arrow::fs;

struct sarrow_s3 {
  std::shared_ptr<fs::S3FileSystem> fs;
};
struct sarrow_s3_output {
  std::shared_ptr<arrow::io::OutputStream> stream;
};

static Status start() {
  static const Status started = [] {
    auto options = fs::S3GlobalOptions::Defaults();
    options.log_level = fs::S3LogLevel::Off;
    return fs::InitializeS3(options);
  }();
  return started;
}

extern "C" {
int sarrow_s3_open(const sarrow_s3_options *p, sarrow_s3 **out, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    ARROW_RETURN_NOT_OK(start());
    auto o = p->access_key ? fs::S3Options::FromAccessKey(p->access_key, p->secret_key ? p->secret_key : "",
                                                          p->session_token ? p->session_token : "")
                           : fs::S3Options::Defaults();
    if (p->region) o.region = p->region;
    if (p->endpoint) o.endpoint_override = p->endpoint;
    if (p->scheme) o.scheme = p->scheme;
    if (p->ca_file) o.tls_ca_file_path = p->ca_file;
    o.connect_timeout = p->connect_timeout_seconds;
    o.request_timeout = p->request_timeout_seconds;
    // Errors belong to the call that caused them, memory stays bounded, and small objects take one request.
    o.background_writes = false;
    o.allow_delayed_open = true;
    o.allow_bucket_creation = true;
    o.retry_strategy = fs::S3RetryStrategy::GetAwsStandardRetryStrategy(3);
    ARROW_ASSIGN_OR_RAISE(auto made, fs::S3FileSystem::Make(o));
    // Without finalisation the process dies at exit: the client's threads outlive its statics. To be registered after the first
    // Make, which creates the static that finalisation uses; exit handlers run last-registered first.
    static const bool registered = std::atexit([] { (void)fs::EnsureS3Finalized(); }) == 0;
    (void)registered;
    *out = new sarrow_s3{std::move(made)};
    return Status::OK();
  });
}
void sarrow_s3_free(sarrow_s3 *s3) { delete s3; }

int sarrow_s3_create_bucket(sarrow_s3 *s3, const char *bucket, sarrow_status *status) {
  return sarrow::guard(status, [&] { return s3->fs->CreateDir(bucket, false); });
}
int sarrow_s3_size(sarrow_s3 *s3, const char *path, int64_t *size, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    ARROW_ASSIGN_OR_RAISE(auto info, s3->fs->GetFileInfo(path));
    *size = info.IsFile() ? info.size() : -1;
    return Status::OK();
  });
}
int sarrow_s3_list(sarrow_s3 *s3, const char *folder, void *context, void (*visit)(void *, const char *, int64_t),
                   sarrow_status *status) {
  return sarrow::guard(status, [&] { return sarrow::list_objects(*s3->fs, folder, context, visit); });
}
int sarrow_s3_folders(sarrow_s3 *s3, const char *folder, void *context, void (*visit)(void *, const char *), sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    fs::FileSelector selector;
    selector.base_dir = folder;
    selector.allow_not_found = true;
    // Page by page: a level may have very many.
    auto pages = s3->fs->GetFileInfoGenerator(selector);
    while (true) {
      auto page = pages();
      ARROW_ASSIGN_OR_RAISE(auto infos, page.MoveResult());
      if (infos.empty()) return Status::OK();
      for (auto &info : infos)
        if (info.IsDirectory()) visit(context, info.base_name().c_str());
    }
  });
}

int sarrow_s3_delete(sarrow_s3 *s3, const char *path, sarrow_status *status) {
  return sarrow::guard(status, [&] { return s3->fs->DeleteFile(path); });
}
int sarrow_s3_delete_folder(sarrow_s3 *s3, const char *path, sarrow_status *status) {
  return sarrow::guard(status, [&] { return s3->fs->DeleteDir(path); });
}

int sarrow_s3_open_input(sarrow_s3 *s3, const char *path, sarrow_s3_input **out, sarrow_status *status) {
  return sarrow::guard(status, [&] { return sarrow::open_object(*s3->fs, path, out); });
}
int64_t sarrow_s3_input_size(const sarrow_s3_input *input) { return input->size; }
int sarrow_s3_read(sarrow_s3_input *input, int64_t offset, void *buffer, int64_t n, int64_t *got, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    ARROW_ASSIGN_OR_RAISE(*got, input->file->ReadAt(offset, n, buffer));
    return Status::OK();
  });
}
void sarrow_s3_input_free(sarrow_s3_input *input) { delete input; }

int sarrow_s3_open_output(sarrow_s3 *s3, const char *path, sarrow_s3_output **out, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    ARROW_ASSIGN_OR_RAISE(auto stream, s3->fs->OpenOutputStream(path));
    *out = new sarrow_s3_output{std::move(stream)};
    return Status::OK();
  });
}
int sarrow_s3_write(sarrow_s3_output *output, const void *bytes, int64_t n, sarrow_status *status) {
  return sarrow::guard(status, [&] { return output->stream->Write(bytes, n); });
}
int sarrow_s3_close(sarrow_s3_output *output, sarrow_status *status) {
  int code = sarrow::guard(status, [&] { return output->stream->Close(); });
  if (code != SARROW_OK) {
    sarrow_s3_abort(output);
    return code;
  }
  delete output;
  return code;
}
void sarrow_s3_abort(sarrow_s3_output *output) {
  (void)sarrow::guard(nullptr, [&] { return output->stream->Abort(); });
  delete output;
}
}
