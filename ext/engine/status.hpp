// Every way a record can fail. The codes of the specification stand first, in its words; `odd` and
// `more` never leave the engine.
#pragma once

#include <cstdint>

namespace engine {

enum class Code : uint8_t {
  ok,
  unknown_type,      // no log type's pattern fits
  syntax,            // quotes or joined lines that never end, UTF-16
  field_count,       // fewer tokens than the log type has
  missing_required,  // a required value is absent or null
  bad_value,         // a value is there and cannot be used
  no_header,         // a line of a format with headers, and none came
  not_a_log,         // a notice, not a record
  too_deep,          // nested beyond the bound
  too_long,          // longer than max_record
  truncated,         // the input ended inside the record
  odd,               // not for the quick path: the slow one decides
  more,              // the record goes on behind the bytes at hand
};

constexpr int kCodes = static_cast<int>(Code::truncated) + 1;

// The reason as the specification spells it; static storage.
const char* name(Code code) noexcept;

// What became of a record: `column` is its place in the plan's columns, or -1.
struct Status {
  Code code = Code::ok;
  int column = -1;
};

}  // namespace engine
