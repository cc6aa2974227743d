#include "engine/reject.hpp"

#include <algorithm>
#include <cstring>

#include "engine/frame.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

// In the order of the schema of rejected records, without the source.
enum Place { kLogType, kRecord, kLine, kOffset, kLength, kReason, kColumn, kMessage, kRaw, kPlaces };

Kind kind_of(int place) noexcept { return place >= kRecord && place <= kLength ? Kind::int64 : Kind::string; }

constexpr const char* kKeepOut = "; keep such files out, or load a table for them (LogType.load)";

std::string list_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string explain_value(const ColumnPlan& column, std::string_view fault) {
  std::string text = "column " + column.name + ": " + excerpt(fault);
  if (!column.must.words.empty()) return text + " is none of " + list_words(column.must.words);
  if (column.ranged)
    return text + " is no number from " + std::to_string(column.least) + " to " + std::to_string(column.most);
  switch (column.type.kind) {
    case Kind::timestamp_us: return text + " is no time that exists";
    case Kind::int8:
    case Kind::int16:
    case Kind::int32:
    case Kind::int64: return text + " is no integer that fits";
    case Kind::float32:
    case Kind::float64: return text + " is no finite number";
    case Kind::boolean: return text + " is neither true nor false";
    case Kind::string:
    case Kind::list:
    case Kind::structure: break;
  }
  if (column.part != Part::whole) return text + " has fewer than three words";
  return text + " does not have the form that the log type asks for";
}

}  // namespace

const char* name(Code code) noexcept {
  switch (code) {
    case Code::ok: return "ok";
    case Code::unknown_type: return "unknown_type";
    case Code::syntax: return "syntax";
    case Code::field_count: return "field_count";
    case Code::missing_required: return "missing_required";
    case Code::bad_value: return "bad_value";
    case Code::no_header: return "no_header";
    case Code::not_a_log: return "not_a_log";
    case Code::too_deep: return "too_deep";
    case Code::too_long: return "too_long";
    case Code::truncated: return "truncated";
    case Code::odd:
    case Code::more: break;
  }
  return "";
}

std::string explain(Status status, const Plan* plan, std::string_view fault) {
  const ColumnPlan* column = plan != nullptr && status.column >= 0 ? &plan->columns[status.column] : nullptr;
  switch (status.code) {
    case Code::unknown_type:
      if (!fault.empty()) return "the header of the line names " + std::string(fault) + ", so it is another log's" + kKeepOut;
      return plan != nullptr ? "the line is no record of " + plan->log_type : "the line fits no log type's pattern";
    case Code::syntax:
      if (column != nullptr)
        return "column " + column->name + ": the quote never closes in a line that could end the record";
      return "a quoted field never closes";
    case Code::field_count:
      return "the line has " + std::string(fault) + " fields, " + plan->log_type + " has at least " +
             std::to_string(plan->format == Format::positional ? plan->head + plan->tail : plan->least);
    case Code::missing_required: return "column " + column->name + " is required and the record has no value for it";
    case Code::bad_value: return explain_value(*column, fault);
    case Code::no_header:
      return "no header line came before this line and it is not in the default format; pass header= (--header)";
    case Code::too_long: return "the record is longer than max_record; raise it (--max-record) to read it";
    case Code::truncated: return "the input ends inside this record";
    case Code::ok:
    case Code::not_a_log:
    case Code::too_deep:
    case Code::odd:
    case Code::more: break;
  }
  return "";
}

std::string name_foreign(std::string_view log, int64_t lines) {
  const std::string name(log);
  return (lines == 1 ? name : std::to_string(lines) + " lines of " + name) + ", which is none of the log types here" +
         kKeepOut;
}

std::string explain_json(Status status, const Plan* plan, std::string_view fault, const std::string& path) {
  switch (status.code) {
    case Code::unknown_type:
      if (!fault.empty()) return name_foreign(fault, 1);
      return plan != nullptr ? "the value is no record of " + plan->log_type : "the value fits no log type's members";
    case Code::syntax:
      if (fault.empty()) return "the value is no JSON; the raw bytes show it, reading went on behind them";
      return "the value is no JSON from its byte " + std::string(fault) + " on; reading went on behind the raw bytes";
    case Code::missing_required:
      if (plan == nullptr || status.column < 0) return "the log event has no string \"message\"";
      return "column " + path + " is required and the record has no value for it";
    case Code::bad_value: {
      ColumnPlan column = plan->columns[static_cast<size_t>(status.column)];
      if (path == column.name) return explain_value(column, fault);
      return "column " + path + ": " + excerpt(fault) + " does not have the form that the log type asks for";
    }
    case Code::not_a_log: return "the value is a notice about a file or a test message, no log record";
    case Code::too_deep: return "the record is nested more than 512 levels deep";
    case Code::truncated: return fault.empty() ? "the input ends inside this value" : std::string(fault);
    case Code::too_long: return "the value is longer than max_record; raise it (--max-record) to read it";
    case Code::ok:
    case Code::field_count:
    case Code::no_header:
    case Code::odd:
    case Code::more: break;
  }
  return "";
}

Rejects::Rejects(const std::string* source, std::shared_ptr<Pool> pool) : pool_(pool), source_(source, pool) {
  for (int place = 0; place < kPlaces; ++place) columns_.emplace_back(Type{kind_of(place), {}});
  set_arena();
}

void Rejects::set_arena() {
  arena_ = std::make_unique<Arena>(pool_, 0);
  for (Column& column : columns_) column.reset(arena_.get());
}

void Rejects::put(int column, std::string_view text) {
  scratch_.assign(text);
  scratch_.resize(text.size() + kPadding);
  columns_[column].append_string(rows_, {scratch_.data(), text.size()});
}

void Rejects::add(const Rejected& rejected) {
  if (rows_ == room_) {
    room_ = room_ == 0 ? 64 : room_ * 2;
    for (Column& column : columns_) column.make_room(room_);
  }
  if (rejected.log_type != nullptr) put(kLogType, *rejected.log_type);
  columns_[kRecord].append_int64(rows_, rejected.record);
  columns_[kLine].append_int64(rows_, rejected.line);
  columns_[kOffset].append_int64(rows_, rejected.offset);
  columns_[kLength].append_int64(rows_, rejected.length);
  put(kReason, name(rejected.code));
  if (!rejected.column.empty()) put(kColumn, rejected.column);
  put(kMessage, rejected.message);
  put(kRaw, rejected.raw.substr(0, kMostRaw));
  ++rows_;
  ++counts_[static_cast<int>(rejected.code)];
  if (first_.code == Code::ok) {
    first_ = rejected;
    first_.raw = {};
  }
}

ArrayOwner Rejects::take(size_t& size_bytes) {
  if (rows_ == 0) return nullptr;
  auto buffers = std::make_shared<BatchBuffers>();
  std::vector<ArrayOwner> columns;
  columns.push_back(source_.array(rows_, buffers));
  for (Column& column : columns_) {
    columns.push_back(finish_column(column, rows_, *pool_, buffers));
  }
  ArrayOwner batch = finish_struct(std::move(columns), rows_, buffers);
  buffers->own = std::move(arena_);
  set_arena();
  rows_ = 0;
  size_bytes = buffers->own->used();
  return batch;
}

}  // namespace engine
