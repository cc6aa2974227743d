// Logs that are none of the log types: which one a rejected line or value is of, and the lines of one that stand
// together, which are one rejected record.
#include <algorithm>

#include "engine/json_row.hpp"
#include "engine/reader.hpp"
#include "engine/shape.hpp"

namespace engine {

void ForeignGroup::pass(int64_t from, std::string_view bytes) {
  const int64_t behind = from + static_cast<int64_t>(bytes.size());
  if (behind <= end) return;
  bytes.remove_prefix(static_cast<size_t>(std::max<int64_t>(end - from, 0)));
  raw.append(bytes.substr(0, kMostRaw - raw.size()));
  end = behind;
}

int LineReader::foreign_line(std::string_view line) const noexcept {
  const auto fits_line = [line](const auto& plan) { return plan->format != Format::json && starts_fit(*plan, line); };
  const auto found = std::find_if(foreign_.begin(), foreign_.end(), fits_line);
  if (found == foreign_.end()) return -1;
  const auto same = [&found](const auto& plan) { return plan->log_type == (*found)->log_type; };
  return static_cast<int>(std::find_if(foreign_.begin(), found, same) - foreign_.begin());
}

std::string_view LineReader::foreign_value(const JsonIndex& json, uint32_t value) {
  if (foreign_values_.empty()) {  // most inputs have none: made when asked for
    for (const auto& plan : foreign_) {
      if (plan->format == Format::json)
        foreign_values_.push_back(std::make_unique<TypeState>(*plan, options_, std::string(10, '\0'), pool_));
    }
  }
  for (const auto& state : foreign_values_) {
    if (state->json->detect(json, value)) return state->plan.log_type;
  }
  return {};
}

// The record counts from its first line on, and is put among the rejected ones when it has ended. What ends it is seen
// by the books: rows cost nothing so.
void LineReader::add_foreign(int log, Code code, int64_t offset, size_t size) {
  if (!foreign_open() || foreign_lines_.log != log) {
    end_foreign();
    foreign_lines_.log = log;
    foreign_lines_.code = code;
    foreign_lines_.record = ++record_;
    foreign_lines_.headers = headers_;
    foreign_lines_.stream = stream_;
    foreign_lines_.line = line_;
    foreign_lines_.offset = foreign_lines_.end = offset;
    if (in_message_) {
      ++message_rows_;
      foreign_lines_.message = message_;
    }
    if (first_named_ < 0 && options_.given) first_named_ = 0;
  }
  ++foreign_lines_.lines;
  const int64_t behind = offset + static_cast<int64_t>(size);
  foreign_lines_.length = static_cast<size_t>(behind - foreign_lines_.offset);
  pass_foreign(frame.offset(), {frame.data(), static_cast<size_t>(behind - frame.offset())});
}

void LineReader::end_foreign() {
  if (foreign_lines_.log < 0) return;
  const ForeignGroup group = std::exchange(foreign_lines_, {});
  Rejected rejected;
  rejected.log_type = options_.given ? &plans_[0]->log_type : nullptr;
  rejected.record = group.record;
  rejected.line = group.line;
  rejected.offset = group.offset;
  rejected.length = static_cast<int64_t>(group.length);
  rejected.code = group.code;
  rejected.message = name_foreign(foreign_[static_cast<size_t>(group.log)]->log_type, group.lines);
  rejected.raw = std::string_view(group.raw).substr(0, group.length);
  if (group.message) {
    rejected.line = group.message->line;
    rejected.offset = group.message->offset;
    rejected.length = static_cast<int64_t>(group.message->length);
    if (!group.message->raw.empty()) rejected.raw = group.message->raw;
  }
  rejects_.add(rejected);
}

int64_t LineReader::enter_stream() noexcept { return std::exchange(stream_, ++streams_); }

void LineReader::leave_stream(int64_t outer) {
  if (foreign_lines_.stream == stream_) end_foreign();
  stream_ = outer;
}

}  // namespace engine
