#include "flatten.hpp"

#include <arrow/extension_type.h>
#include <arrow/util/utf8.h>

#include <limits>

namespace sarrow {
using arrow::Status;
using arrow::Type;

static constexpr int depth_limit = 64;
// A file with more is refused: every chunk has a cell per row and column.
static constexpr size_t column_limit = 100000;

static int declared(const arrow::DataType &t) {
  switch (t.id()) {
    case Type::BOOL: return SARROW_DECLARED_BOOLEAN;
    case Type::INT8: case Type::INT16: case Type::INT32: case Type::INT64:
    case Type::UINT8: case Type::UINT16: case Type::UINT32: return SARROW_DECLARED_INTEGER;
    case Type::HALF_FLOAT: case Type::FLOAT: case Type::DOUBLE: return SARROW_DECLARED_DECIMAL;
    case Type::DATE32: case Type::DATE64: return SARROW_DECLARED_DATE;
    case Type::TIMESTAMP: return SARROW_DECLARED_TIMESTAMP;
    case Type::DECIMAL32: case Type::DECIMAL64: case Type::DECIMAL128: case Type::DECIMAL256:
      // A double keeps 15 digits.
      return static_cast<const arrow::DecimalType &>(t).precision() <= 15 ? SARROW_DECLARED_DECIMAL : SARROW_DECLARED_TEXT;
    case Type::LIST: case Type::LARGE_LIST: case Type::FIXED_SIZE_LIST: case Type::MAP: return SARROW_DECLARED_TEXT;
    // Text may hold anything, and 64 bits without sign do not fit an integer column: the profile decides.
    default: return SARROW_DECLARED_NONE;
  }
}

static Status flatten_field(const arrow::Field &field, const std::string &prefix, int depth, std::vector<Leaf> *out) {
  if (depth > depth_limit) return Status::Invalid("columns nested deeper than 64 levels");
  std::string name = prefix.empty() ? field.name() : prefix + "." + field.name();
  if (field.type()->id() == Type::STRUCT && field.type()->num_fields() > 0) {
    for (auto &child : field.type()->fields()) ARROW_RETURN_NOT_OK(flatten_field(*child, name, depth + 1, out));
    return Status::OK();
  }
  if (out->size() == column_limit) return Status::CapacityError("more than 100000 columns");
  out->push_back({std::move(name), field.type(), declared(*field.type())});
  return Status::OK();
}

Status flatten_schema(const arrow::Schema &schema, std::vector<Leaf> *out) {
  for (auto &field : schema.fields()) ARROW_RETURN_NOT_OK(flatten_field(*field, "", 0, out));
  return Status::OK();
}

using Kind = ColumnView::Kind;

static FlatColumn plain(const std::shared_ptr<arrow::Array> &array, Kind kind) {
  auto &d = *array->data();
  FlatColumn c{};
  c.array = array;
  c.view.kind = kind;
  c.view.scale = 1;
  c.view.rows = d.length;
  c.view.validity = array->null_count() > 0 && d.buffers[0] ? d.buffers[0]->data() : nullptr;
  c.view.bit_offset = d.offset;
  return c;
}

template <class ArrayType, class Out, class Convert>
static Status convert(const std::shared_ptr<arrow::Array> &array, Kind kind, arrow::MemoryPool *pool, FlatColumn *out, Convert f) {
  auto &a = static_cast<const ArrayType &>(*array);
  *out = plain(array, kind);
  ARROW_ASSIGN_OR_RAISE(out->extra, arrow::AllocateBuffer(a.length() * static_cast<int64_t>(sizeof(Out)) + 1, pool));
  auto to = reinterpret_cast<Out *>(out->extra->mutable_data());
  for (int64_t i = 0; i < a.length(); i++) to[i] = f(a.Value(i));
  out->view.values = to;
  return Status::OK();
}

template <class T>
static const T *values_at(const arrow::Array &a) {
  return a.data()->buffers[1] ? reinterpret_cast<const T *>(a.data()->buffers[1]->data()) + a.offset() : nullptr;
}

// Everything without a layout of its own is printed here, value by value.
static Status print(const std::shared_ptr<arrow::Array> &array, bool json, arrow::MemoryPool *pool, FlatColumn *out) {
  arrow::LargeStringBuilder builder(pool);
  ARROW_RETURN_NOT_OK(builder.Reserve(array->length()));
  std::string text;
  for (int64_t i = 0; i < array->length(); i++) {
    if (array->IsNull(i)) {
      ARROW_RETURN_NOT_OK(builder.AppendNull());
      continue;
    }
    text.clear();
    ARROW_RETURN_NOT_OK(json ? append_json(*array, i, &text) : append_text(*array, i, &text));
    ARROW_RETURN_NOT_OK(builder.Append(text));
  }
  ARROW_ASSIGN_OR_RAISE(auto printed, builder.Finish());
  *out = plain(printed, Kind::text64);
  out->view.offsets = values_at<int64_t>(*printed);
  out->view.values = static_cast<const arrow::LargeStringArray &>(*printed).raw_data();
  return Status::OK();
}

static Status leaf(const std::shared_ptr<arrow::Array> &array, arrow::MemoryPool *pool, FlatColumn *out) {
  auto widen = [](auto v) { return static_cast<int64_t>(v); };
  switch (array->type_id()) {
    case Type::NA: *out = plain(array, Kind::none); return Status::OK();
    case Type::BOOL:
      *out = plain(array, Kind::boolean);
      out->view.values = array->data()->buffers[1] ? array->data()->buffers[1]->data() : nullptr;
      return Status::OK();
    case Type::INT8: return convert<arrow::Int8Array, int64_t>(array, Kind::int64, pool, out, widen);
    case Type::INT16: return convert<arrow::Int16Array, int64_t>(array, Kind::int64, pool, out, widen);
    case Type::INT32: return convert<arrow::Int32Array, int64_t>(array, Kind::int64, pool, out, widen);
    case Type::UINT8: return convert<arrow::UInt8Array, int64_t>(array, Kind::int64, pool, out, widen);
    case Type::UINT16: return convert<arrow::UInt16Array, int64_t>(array, Kind::int64, pool, out, widen);
    case Type::UINT32: return convert<arrow::UInt32Array, int64_t>(array, Kind::int64, pool, out, widen);
    case Type::INT64:
      *out = plain(array, Kind::int64);
      out->view.values = values_at<int64_t>(*array);
      return Status::OK();
    case Type::DOUBLE:
      *out = plain(array, Kind::float64);
      out->view.values = values_at<double>(*array);
      return Status::OK();
    case Type::FLOAT:
      *out = plain(array, Kind::float32);
      out->view.values = values_at<float>(*array);
      return Status::OK();
    case Type::DATE32:
      *out = plain(array, Kind::date);
      out->view.values = values_at<int32_t>(*array);
      return Status::OK();
    case Type::TIMESTAMP: {
      auto &t = static_cast<const arrow::TimestampType &>(*array->type());
      int64_t factor = t.unit() == arrow::TimeUnit::SECOND ? 1000000 : t.unit() == arrow::TimeUnit::MILLI ? 1000 : 1;
      if (factor == 1) {
        *out = plain(array, Kind::timestamp);
        out->view.values = values_at<int64_t>(*array);
        if (t.unit() == arrow::TimeUnit::NANO) out->view.scale = 1000;
      } else {
        // Out of range for microseconds: print them all, rather than some wrong.
        auto &a = static_cast<const arrow::TimestampArray &>(*array);
        const int64_t limit = std::numeric_limits<int64_t>::max() / factor;
        for (int64_t i = 0; i < a.length(); i++)
          if (!a.IsNull(i) && (a.Value(i) > limit || a.Value(i) < -limit)) return print(array, false, pool, out);
        ARROW_RETURN_NOT_OK((convert<arrow::TimestampArray, int64_t>(array, Kind::timestamp, pool, out, [factor](int64_t v) {
          return static_cast<int64_t>(static_cast<uint64_t>(v) * static_cast<uint64_t>(factor));
        })));
      }
      out->view.utc = !t.timezone().empty();
      return Status::OK();
    }
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::BINARY:
    case Type::LARGE_BINARY: {
      bool wide = array->type_id() == Type::LARGE_STRING || array->type_id() == Type::LARGE_BINARY;
      auto validate = [](auto &a) {
        for (int64_t i = 0; i < a.length(); i++)
          if (!a.IsNull(i) && !arrow::util::ValidateUTF8(a.GetView(i))) return false;
        return true;
      };
      // The format says UTF-8, files say otherwise.
      bool text = wide ? validate(static_cast<const arrow::LargeBinaryArray &>(*array))
                       : validate(static_cast<const arrow::BinaryArray &>(*array));
      if (!text) return print(array, false, pool, out);
      *out = plain(array, wide ? Kind::text64 : Kind::text32);
      out->view.offsets = wide ? static_cast<const void *>(values_at<int64_t>(*array)) : values_at<int32_t>(*array);
      out->view.values = array->data()->buffers[2] ? array->data()->buffers[2]->data() : nullptr;
      return Status::OK();
    }
    case Type::LIST: case Type::LARGE_LIST: case Type::FIXED_SIZE_LIST: case Type::MAP: case Type::STRUCT:
      return print(array, true, pool, out);
    case Type::EXTENSION: return leaf(static_cast<const arrow::ExtensionArray &>(*array).storage(), pool, out);
    default: return print(array, false, pool, out);
  }
}

static Status flatten_array(const std::shared_ptr<arrow::Array> &array, int depth, arrow::MemoryPool *pool,
                            std::vector<FlatColumn> *out) {
  if (depth > depth_limit) return Status::Invalid("columns nested deeper than 64 levels");
  if (array->type_id() == Type::STRUCT && array->type()->num_fields() > 0) {
    // Flatten carries the struct's missing rows over to its fields.
    ARROW_ASSIGN_OR_RAISE(auto fields, static_cast<const arrow::StructArray &>(*array).Flatten(pool));
    for (auto &field : fields) ARROW_RETURN_NOT_OK(flatten_array(field, depth + 1, pool, out));
    return Status::OK();
  }
  out->emplace_back();
  return leaf(array, pool, &out->back());
}

Status flatten_batch(const arrow::RecordBatch &batch, arrow::MemoryPool *pool, std::vector<FlatColumn> *out) {
  out->clear();
  for (auto &column : batch.columns()) ARROW_RETURN_NOT_OK(flatten_array(column, 0, pool, out));
  return Status::OK();
}
}  // namespace sarrow
