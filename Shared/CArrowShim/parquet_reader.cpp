#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/utf8.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <algorithm>

#include "array_cells.hpp"
#include "direct_column.hpp"
#include "flatten.hpp"
#include "status.hpp"

using arrow::Result;
using arrow::Status;

namespace {
/// The caller's bytes as Arrow's file.
class CallbackFile : public arrow::io::RandomAccessFile {
 public:
  explicit CallbackFile(const sarrow_source &source) : source_(source) {}
  Status Close() override {
    closed_ = true;
    return Status::OK();
  }
  bool closed() const override { return closed_; }
  Result<int64_t> Tell() const override { return position_; }
  Status Seek(int64_t position) override {
    position_ = position;
    return Status::OK();
  }
  Result<int64_t> GetSize() override { return source_.size; }
  Result<int64_t> Read(int64_t n, void *out) override {
    ARROW_ASSIGN_OR_RAISE(auto got, ReadAt(position_, n, out));
    position_ += got;
    return got;
  }
  Result<std::shared_ptr<arrow::Buffer>> Read(int64_t n) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, n));
    position_ += buffer->size();
    return buffer;
  }
  Result<int64_t> ReadAt(int64_t position, int64_t n, void *out) override {
    if (position < 0 || n < 0) return Status::Invalid("negative position or count");
    if (position >= source_.size) return 0;
    int64_t got = source_.read(source_.context, position, out, std::min(n, source_.size - position));
    if (got < 0) return Status::IOError("read failed");
    return got;
  }
  Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t n) override {
    // A forged length must not allocate more than there is to read.
    if (position < 0 || n < 0) return Status::Invalid("negative position or count");
    n = std::min(n, std::max<int64_t>(source_.size - position, 0));
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(n));
    ARROW_ASSIGN_OR_RAISE(auto got, ReadAt(position, n, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got, false));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  sarrow_source source_;
  int64_t position_ = 0;
  bool closed_ = false;
};

parquet::ReaderProperties reader_properties(arrow::MemoryPool *pool, size_t columns) {
  // Each column has a buffer of its own.
  constexpr size_t all = 32 << 20, least = 4 << 10, most = 256 << 10;
  parquet::ReaderProperties p(pool);
  p.enable_buffered_stream();
  p.set_buffer_size(static_cast<int64_t>(std::clamp(all / std::max<size_t>(columns, 1), least, most)));
  return p;
}
}  // namespace

struct sarrow_parquet {
  sarrow_source source;
  int64_t memory_limit;
  std::shared_ptr<parquet::FileMetaData> metadata;
  std::vector<sarrow::Leaf> leaves;
  /// One per leaf; none where Arrow reads it.
  std::vector<std::optional<sarrow::DirectLeaf>> direct;
  /// Columns of the file that Arrow reads.
  std::vector<int> decoded;
};

struct sarrow_cursor {
  // Declared first: destroyed last, after everything that was allocated from it.
  std::unique_ptr<arrow::CappedMemoryPool> pool;
  std::unique_ptr<parquet::arrow::FileReader> file;
  std::shared_ptr<parquet::RowGroupReader> group;
  /// One per leaf; null where Arrow reads it.
  std::vector<std::unique_ptr<sarrow::DirectColumn>> direct;
  /// What Arrow reads; null when that is nothing.
  std::unique_ptr<arrow::RecordBatchReader> batches;
  std::vector<sarrow::FlatColumn> columns;
  /// Per leaf: which of `columns`.
  std::vector<size_t> place;
  size_t expected_columns = 0;
  int64_t batch_rows;
  /// Rows of the group, first row of the batch, row behind it.
  int64_t rows, first = 0, end = 0;
};

static Status open_file(const sarrow_parquet &f, arrow::MemoryPool *pool, int64_t batch_rows,
                        std::unique_ptr<parquet::arrow::FileReader> *out) {
  parquet::ArrowReaderProperties p(/*use_threads=*/false);
  p.set_pre_buffer(false);
  p.set_batch_size(batch_rows);
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(
      builder.Open(std::make_shared<CallbackFile>(f.source), reader_properties(pool, f.leaves.size()), f.metadata));
  builder.properties(p);
  builder.memory_pool(pool);
  return builder.Build(out);
}

/// The leaves below a field, in the order of flatten_schema.
static void collect(const parquet::arrow::SchemaField &field, std::vector<const parquet::arrow::SchemaField *> *out) {
  if (field.field->type()->id() == arrow::Type::STRUCT && !field.children.empty()) {
    for (auto &child : field.children) collect(child, out);
  } else {
    out->push_back(&field);
  }
}

static void add_columns(const parquet::arrow::SchemaField &field, std::vector<int> *out) {
  if (field.is_leaf()) out->push_back(field.column_index);
  for (auto &child : field.children) add_columns(child, out);
}

/// Which leaves are read from their pages: those of a field that has no other kind.
static Status choose_direct(const parquet::arrow::FileReader &reader, sarrow_parquet *f) {
  for (auto &field : reader.manifest().schema_fields) {
    std::vector<const parquet::arrow::SchemaField *> leaves;
    collect(field, &leaves);
    std::vector<std::optional<sarrow::DirectLeaf>> direct;
    for (auto leaf : leaves) direct.push_back(sarrow::direct_leaf(*leaf, *f->metadata->schema()));
    if (!std::all_of(direct.begin(), direct.end(), [](auto &d) { return d.has_value(); })) {
      direct.assign(leaves.size(), std::nullopt);
      add_columns(field, &f->decoded);
    }
    f->direct.insert(f->direct.end(), direct.begin(), direct.end());
  }
  if (f->direct.size() != f->leaves.size()) return Status::Invalid("the schema is not the one of the columns");
  return Status::OK();
}

extern "C" {
int sarrow_parquet_open(const sarrow_source *source, int64_t memory_limit, sarrow_parquet **out, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    // Without it ValidateUTF8 takes most bytes for text.
    arrow::util::InitializeUTF8();
    auto f = std::make_unique<sarrow_parquet>();
    f->source = *source;
    f->memory_limit = memory_limit;
    std::unique_ptr<parquet::arrow::FileReader> reader;
    ARROW_RETURN_NOT_OK(open_file(*f, arrow::default_memory_pool(), 1, &reader));
    f->metadata = reader->parquet_reader()->metadata();
    std::shared_ptr<arrow::Schema> schema;
    ARROW_RETURN_NOT_OK(reader->GetSchema(&schema));
    ARROW_RETURN_NOT_OK(sarrow::flatten_schema(*schema, &f->leaves));
    ARROW_RETURN_NOT_OK(choose_direct(*reader, f.get()));
    for (int g = 0; g < f->metadata->num_row_groups(); g++) {
      auto group = f->metadata->RowGroup(g);
      if (group->num_rows() < 0) return Status::Invalid("row group ", g, " has a negative number of rows");
    }
    *out = f.release();
    return Status::OK();
  });
}
void sarrow_parquet_free(sarrow_parquet *f) { delete f; }
int sarrow_parquet_columns(const sarrow_parquet *f) { return static_cast<int>(f->leaves.size()); }
const char *sarrow_parquet_name(const sarrow_parquet *f, int column, size_t *length) {
  auto &name = f->leaves[static_cast<size_t>(column)].name;
  *length = name.size();
  return name.data();
}
int sarrow_parquet_declared(const sarrow_parquet *f, int column) { return f->leaves[static_cast<size_t>(column)].declared; }
int sarrow_parquet_row_groups(const sarrow_parquet *f) { return f->metadata->num_row_groups(); }
int64_t sarrow_parquet_group_rows(const sarrow_parquet *f, int g) { return f->metadata->RowGroup(g)->num_rows(); }
int64_t sarrow_parquet_group_bytes(const sarrow_parquet *f, int g) { return f->metadata->RowGroup(g)->total_byte_size(); }

int sarrow_cursor_open(const sarrow_parquet *f, int group, int64_t batch_rows, sarrow_cursor **out, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    BEGIN_PARQUET_CATCH_EXCEPTIONS
    if (group < 0 || group >= f->metadata->num_row_groups()) return Status::Invalid("no row group ", group);
    auto c = std::make_unique<sarrow_cursor>();
    c->pool = std::make_unique<arrow::CappedMemoryPool>(arrow::default_memory_pool(), f->memory_limit);
    c->batch_rows = batch_rows;
    ARROW_RETURN_NOT_OK(open_file(*f, c->pool.get(), batch_rows, &c->file));
    c->group = c->file->parquet_reader()->RowGroup(group);
    c->rows = c->group->metadata()->num_rows();
    for (auto &leaf : f->direct) {
      c->place.push_back(c->expected_columns);
      c->expected_columns += !leaf;
      c->direct.push_back(leaf ? sarrow::DirectColumn::open(*c->group, *leaf, c->pool.get()) : nullptr);
    }
    if (c->expected_columns > 0) {
      ARROW_ASSIGN_OR_RAISE(c->batches, c->file->GetRecordBatchReader(std::vector<int>{group}, f->decoded));
    }
    *out = c.release();
    return Status::OK();
    END_PARQUET_CATCH_EXCEPTIONS
  });
}
static Status next_batch(sarrow_cursor *c, std::shared_ptr<arrow::RecordBatch> *batch) {
  c->columns.clear();
  do {
    ARROW_RETURN_NOT_OK(c->batches->ReadNext(batch));
  } while (*batch && (*batch)->num_rows() == 0);
  return Status::OK();
}
int sarrow_cursor_skip(sarrow_cursor *c, int64_t row, int64_t *position, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    if (!c->batches) c->end = std::clamp(row, c->end, c->rows);
    while (c->batches && c->end + c->batch_rows <= row) {
      std::shared_ptr<arrow::RecordBatch> batch;
      ARROW_RETURN_NOT_OK(next_batch(c, &batch));
      if (!batch) break;
      c->end += batch->num_rows();
    }
    *position = c->end;
    return Status::OK();
  });
}
int sarrow_cursor_next(sarrow_cursor *c, int64_t most, int64_t *rows, sarrow_status *status) {
  return sarrow::guard(status, [&]() -> Status {
    *rows = std::min(most, c->rows - c->end);
    if (c->batches) {
      std::shared_ptr<arrow::RecordBatch> batch;
      ARROW_RETURN_NOT_OK(next_batch(c, &batch));
      *rows = batch ? batch->num_rows() : 0;
      if (batch) ARROW_RETURN_NOT_OK(sarrow::flatten_batch(*batch, c->pool.get(), &c->columns));
      if (batch && c->columns.size() != c->expected_columns) return Status::Invalid("a batch does not have the file's columns");
      for (auto &column : c->columns)
        if (column.view.rows != *rows) return Status::Invalid("columns differ in length");
    }
    c->first = c->end;
    c->end += *rows;
    for (auto &column : c->direct)
      if (column) column->begin_batch(*rows);
    return Status::OK();
  });
}
int sarrow_cursor_cells(sarrow_cursor *c, int64_t first, int64_t rows, sarrow_arena *arena, sarrow_cell *cells, sarrow_status *status) {
  // Cells are written column after column, a block of rows at a time: few enough to stay in the cache.
  constexpr int64_t block_cells = 3072, least_rows = 128;
  return sarrow::guard(status, [&]() -> Status {
    BEGIN_PARQUET_CATCH_EXCEPTIONS
    const auto columns = static_cast<int64_t>(c->direct.size());
    const int64_t step = std::max(block_cells / std::max<int64_t>(columns, 1), least_rows);
    sarrow::CellArena texts(arena);
    for (int64_t at = first; at < first + rows; at += step) {
      int64_t n = std::min(step, first + rows - at);
      for (int64_t column = 0; column < columns; column++) {
        auto index = static_cast<size_t>(column);
        auto to = cells + (at - first) * columns + column;
        auto &direct = c->direct[index];
        ARROW_RETURN_NOT_OK(direct ? direct->read(c->first + at, n, texts, to, columns)
                                   : sarrow::write_array(c->columns[c->place[index]].view, at, n, texts, to, columns));
      }
    }
    return Status::OK();
    END_PARQUET_CATCH_EXCEPTIONS
  });
}
void sarrow_cursor_free(sarrow_cursor *c) { delete c; }
}
