// A plan bound to the tokens of a format: which token goes where, in schema order. A format with headers
// has one program for each header seen; the others have one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

// What `append` does with a token. The first are those that most tokens ask for: the value is built and
// nothing else is done with it.
enum class Action : uint8_t {
  plain_text,
  plain_int64,
  plain_float64,
  plain_seconds,
  plain_time,    // in RFC 3339
  word_text,     // a string that must be one of a few short words
  found_text,    // a string that scanners look at too
  text,          // a string with whatever the table says of it
  integer,
  floating,
  boolean,
  timestamp,
  list,
  rest,
  unmapped,
  split_address,  // token -> parts host and port
  split_request,  // token -> parts method, URL and version
};

constexpr int kMostScanners = 2;

struct Op {
  Action action = Action::text;
  bool required = false;
  bool build = true;
  uint8_t scanner_count = 0;
  Scanner scanners[kMostScanners] = {};
  int8_t event = -1;         // place among the columns that feed the event time
  bool only_dash = false;    // of texts of one byte, only "-" is null
  int16_t longest_null = 0;  // a longer token is no null
  int16_t column = 0;        // in the plan's columns; of a split: the column it rejects as
  int token = 0;  // below zero: a part that a split made
  int out = 0;    // of a split: its first part, the others are below it
  int64_t least = 0, most = 0;  // of a number: what fits its column's type and range
  const ColumnPlan* plan = nullptr;
};

// A header name that no column has: its value goes to `unmapped`.
struct Unknown {
  std::string key;  // as a JSON string
  int token;
};

struct Program {
  std::vector<Op> ops;        // in schema order, so that of two faults the first is reported
  std::vector<Op> quick_ops;  // the same, one action behind the other: the next is guessed more often
  int tokens = 0;             // tokens that ops look at
  int named = -1;             // tokens that the header names, or -1 where there is none
  int parts = 0;              // parts that splits make: they stand before the tokens
  std::vector<int> header_texts;  // a header that passes for a row has a known name at one of these tokens
  std::vector<Unknown> unknown;
};

// `names`: what the header says, normalised; null for formats without headers.
Program bind(const Plan& plan, const std::vector<std::string>* names);

// One name of a header: without "${" and "}", in lower case, with "-" for "_".
std::string header_name(std::string_view token);

// Appends `text` to `out` as a JSON string.
void put_json(std::string& out, std::string_view text);

}  // namespace engine
