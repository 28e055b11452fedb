#include <arrow/api.h>
#include <arrow/extension_type.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <arrow/util/utf8.h>
#include <arrow/visit_array_inline.h>

#include <charconv>
#include <cmath>
#include <cstdio>

#include "flatten.hpp"
#include "value_printers.hpp"

namespace sarrow {
using arrow::Status;
using arrow::Type;

void append_hex(std::string_view bytes, std::string *out) {
  static const char digits[] = "0123456789abcdef";
  *out += "0x";
  for (unsigned char c : bytes) {
    out->push_back(digits[c >> 4]);
    out->push_back(digits[c & 15]);
  }
}

static void append_quoted(std::string_view s, std::string *out) {
  out->push_back('"');
  for (unsigned char c : s) {
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      default:
        if (c < 0x20) {
          char text[8];
          snprintf(text, sizeof text, "\\u%04x", c);
          *out += text;
        } else {
          out->push_back(static_cast<char>(c));
        }
    }
  }
  out->push_back('"');
}

// Names come from the file as they are, values were looked at.
static void append_name(std::string_view name, std::string *out) {
  std::string text;
  if (!arrow::util::ValidateUTF8(name)) append_hex(name, &text);
  append_quoted(text.empty() ? name : text, out);
}

template <class T>
static void append_number(T v, std::string *out) {
  char text[64];
  auto r = std::to_chars(text, text + sizeof text, v);
  out->append(text, r.ptr);
}

static void append_two(int v, std::string *out) {
  out->push_back(static_cast<char>('0' + v / 10 % 10));
  out->push_back(static_cast<char>('0' + v % 10));
}

static void append_date(int64_t days, std::string *out) {
  CivilDay d = civil_day(days);
  char text[32];
  snprintf(text, sizeof text, d.year < 0 ? "%05lld-" : "%04lld-", static_cast<long long>(d.year));
  *out += text;
  append_two(d.month, out);
  out->push_back('-');
  append_two(d.day, out);
}

static int64_t per_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1000;
    case arrow::TimeUnit::MICRO: return 1000000;
    default: return 1000000000;
  }
}

// Seconds of a day and a fraction in units of 1 / scale; the fraction has 6 digits, or 9 when it needs them.
static void append_clock(int64_t seconds, int64_t fraction, int64_t scale, std::string *out) {
  append_two(static_cast<int>(seconds / 3600), out);
  out->push_back(':');
  append_two(static_cast<int>(seconds / 60 % 60), out);
  out->push_back(':');
  append_two(static_cast<int>(seconds % 60), out);
  if (fraction == 0) return;
  int64_t nanos = fraction * (1000000000 / scale);
  char text[16];
  if (nanos % 1000 == 0) snprintf(text, sizeof text, ".%06lld", static_cast<long long>(nanos / 1000));
  else snprintf(text, sizeof text, ".%09lld", static_cast<long long>(nanos));
  *out += text;
}

static void append_timestamp(int64_t v, int64_t scale, bool utc, std::string *out) {
  int64_t seconds = v / scale, fraction = v % scale;
  if (fraction < 0) {
    fraction += scale;
    seconds--;
  }
  int64_t days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    days--;
  }
  append_date(days, out);
  out->push_back('T');
  append_clock(rest, fraction, scale, out);
  if (utc) out->push_back('Z');
}

Status append_text(const arrow::Array &a, int64_t i, std::string *out) {
  switch (a.type_id()) {
    case Type::BOOL: *out += static_cast<const arrow::BooleanArray &>(a).Value(i) ? "true" : "false"; break;
#define INTEGER(ID, ARRAY) \
  case Type::ID: append_number(static_cast<const arrow::ARRAY &>(a).Value(i), out); break;
      INTEGER(INT8, Int8Array) INTEGER(INT16, Int16Array) INTEGER(INT32, Int32Array) INTEGER(INT64, Int64Array)
      INTEGER(UINT8, UInt8Array) INTEGER(UINT16, UInt16Array) INTEGER(UINT32, UInt32Array) INTEGER(UINT64, UInt64Array)
      INTEGER(FLOAT, FloatArray) INTEGER(DOUBLE, DoubleArray) INTEGER(DURATION, DurationArray)
#undef INTEGER
    case Type::HALF_FLOAT:
      append_number(arrow::util::Float16::FromBits(static_cast<const arrow::HalfFloatArray &>(a).Value(i)).ToFloat(), out);
      break;
    case Type::DATE32: append_date(static_cast<const arrow::Date32Array &>(a).Value(i), out); break;
    case Type::DATE64: {
      int64_t ms = static_cast<const arrow::Date64Array &>(a).Value(i);
      append_date(ms / 86400000 - (ms % 86400000 < 0), out);
      break;
    }
    case Type::TIMESTAMP: {
      auto &t = static_cast<const arrow::TimestampType &>(*a.type());
      append_timestamp(static_cast<const arrow::TimestampArray &>(a).Value(i), per_second(t.unit()), !t.timezone().empty(), out);
      break;
    }
    case Type::TIME32: {
      int64_t scale = per_second(static_cast<const arrow::Time32Type &>(*a.type()).unit());
      int64_t v = static_cast<const arrow::Time32Array &>(a).Value(i);
      append_clock(v / scale, v % scale, scale, out);
      break;
    }
    case Type::TIME64: {
      int64_t scale = per_second(static_cast<const arrow::Time64Type &>(*a.type()).unit());
      int64_t v = static_cast<const arrow::Time64Array &>(a).Value(i);
      append_clock(v / scale, v % scale, scale, out);
      break;
    }
    case Type::DECIMAL32: *out += static_cast<const arrow::Decimal32Array &>(a).FormatValue(i); break;
    case Type::DECIMAL64: *out += static_cast<const arrow::Decimal64Array &>(a).FormatValue(i); break;
    case Type::DECIMAL128: *out += static_cast<const arrow::Decimal128Array &>(a).FormatValue(i); break;
    case Type::DECIMAL256: *out += static_cast<const arrow::Decimal256Array &>(a).FormatValue(i); break;
    case Type::STRING:
    case Type::BINARY:
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
    case Type::FIXED_SIZE_BINARY: {
      std::string_view v;
      switch (a.type_id()) {
        case Type::STRING:
        case Type::BINARY: v = static_cast<const arrow::BinaryArray &>(a).GetView(i); break;
        case Type::LARGE_STRING:
        case Type::LARGE_BINARY: v = static_cast<const arrow::LargeBinaryArray &>(a).GetView(i); break;
        case Type::FIXED_SIZE_BINARY: v = static_cast<const arrow::FixedSizeBinaryArray &>(a).GetView(i); break;
        default: v = static_cast<const arrow::BinaryViewArray &>(a).GetView(i);
      }
      if (arrow::util::ValidateUTF8(v)) out->append(v);
      else append_hex(v, out);
      break;
    }
    case Type::DICTIONARY: {
      auto &d = static_cast<const arrow::DictionaryArray &>(a);
      int64_t index = d.GetValueIndex(i);
      if (index < 0 || index >= d.dictionary()->length()) return Status::Invalid("dictionary index out of range");
      if (d.dictionary()->IsNull(index)) break;
      return append_text(*d.dictionary(), index, out);
    }
    case Type::EXTENSION: return append_text(*static_cast<const arrow::ExtensionArray &>(a).storage(), i, out);
    default: return append_json(a, i, out);
  }
  return Status::OK();
}

Status append_json(const arrow::Array &a, int64_t i, std::string *out, int depth) {
  if (depth > 64) return Status::Invalid("nested deeper than 64 levels");
  if (a.IsNull(i)) {
    *out += "null";
    return Status::OK();
  }
  auto list = [&](const arrow::Array &values, int64_t from, int64_t to) -> Status {
    if (from < 0 || to < from || to > values.length()) return Status::Invalid("list offsets out of range");
    out->push_back('[');
    for (int64_t j = from; j < to; j++) {
      if (j > from) out->push_back(',');
      ARROW_RETURN_NOT_OK(append_json(values, j, out, depth + 1));
    }
    out->push_back(']');
    return Status::OK();
  };
  switch (a.type_id()) {
    case Type::BOOL:
    case Type::INT8: case Type::INT16: case Type::INT32: case Type::INT64:
    case Type::UINT8: case Type::UINT16: case Type::UINT32: case Type::UINT64:
    case Type::DECIMAL32: case Type::DECIMAL64: case Type::DECIMAL128: case Type::DECIMAL256: case Type::DURATION:
      return append_text(a, i, out);
    case Type::HALF_FLOAT: case Type::FLOAT: case Type::DOUBLE: {
      double v = a.type_id() == Type::DOUBLE ? static_cast<const arrow::DoubleArray &>(a).Value(i)
                 : a.type_id() == Type::FLOAT ? static_cast<const arrow::FloatArray &>(a).Value(i)
                                              : 0;
      if (std::isfinite(v)) return append_text(a, i, out);
      *out += "null";  // JSON has no other word for it
      return Status::OK();
    }
    case Type::LIST: case Type::MAP: {
      auto &l = static_cast<const arrow::ListArray &>(a);
      int64_t from = l.value_offset(i), to = from + l.value_length(i);
      if (a.type_id() == Type::MAP) {
        auto &m = static_cast<const arrow::MapArray &>(a);
        auto key = m.keys()->type_id();
        if (key == Type::STRING || key == Type::LARGE_STRING) {
          if (from < 0 || to < from || to > m.keys()->length() || to > m.items()->length())
            return Status::Invalid("map offsets out of range");
          out->push_back('{');
          for (int64_t j = from; j < to; j++) {
            if (j > from) out->push_back(',');
            std::string name;
            ARROW_RETURN_NOT_OK(append_text(*m.keys(), j, &name));
            append_quoted(name, out);
            out->push_back(':');
            ARROW_RETURN_NOT_OK(append_json(*m.items(), j, out, depth + 1));
          }
          out->push_back('}');
          return Status::OK();
        }
      }
      return list(*l.values(), from, to);
    }
    case Type::LARGE_LIST: {
      auto &l = static_cast<const arrow::LargeListArray &>(a);
      return list(*l.values(), l.value_offset(i), l.value_offset(i) + l.value_length(i));
    }
    case Type::FIXED_SIZE_LIST: {
      auto &l = static_cast<const arrow::FixedSizeListArray &>(a);
      return list(*l.values(), l.value_offset(i), l.value_offset(i) + l.value_length());
    }
    case Type::STRUCT: {
      auto &s = static_cast<const arrow::StructArray &>(a);
      out->push_back('{');
      for (int f = 0; f < s.num_fields(); f++) {
        if (f) out->push_back(',');
        append_name(a.type()->field(f)->name(), out);
        out->push_back(':');
        ARROW_RETURN_NOT_OK(append_json(*s.field(f), i, out, depth + 1));
      }
      out->push_back('}');
      return Status::OK();
    }
    case Type::EXTENSION:
      return append_json(*static_cast<const arrow::ExtensionArray &>(a).storage(), i, out, depth + 1);
    case Type::STRING: case Type::BINARY: case Type::LARGE_STRING: case Type::LARGE_BINARY: case Type::STRING_VIEW:
    case Type::BINARY_VIEW: case Type::FIXED_SIZE_BINARY: case Type::DICTIONARY: case Type::DATE32: case Type::DATE64:
    case Type::TIMESTAMP: case Type::TIME32: case Type::TIME64: {
      std::string text;
      ARROW_RETURN_NOT_OK(append_text(a, i, &text));
      append_quoted(text, out);
      return Status::OK();
    }
    default: {
      ARROW_ASSIGN_OR_RAISE(auto scalar, a.GetScalar(i));
      append_quoted(scalar->ToString(), out);
      return Status::OK();
    }
  }
}
}  // namespace sarrow
