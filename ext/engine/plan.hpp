// A log type as the engine reads it: plain data, built once from its table, read by every stage.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace engine {

// How values are stored. One list level now; `structure` has its children in `Type`.
enum class Kind : uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  float32,
  float64,
  timestamp_us,
  string,
  list,
  structure,
};

struct Type {
  Kind kind = Kind::string;
  std::vector<Type> children;
};

enum class Time : uint8_t { none, rfc3339, clf, unix_s, unix_ms, unix_us, digits_us, compact };

// What a text looks like. `none` asks nothing.
enum class Shape : uint8_t {
  none,
  any,
  word,
  hex64,
  digits16,
  alnum64,
  upper_word,
  upper,
  rfc3339_z,
  clf_time,
  aws_account_or_null,
  eni_or_null,
  arn,
  aws_region,
  ip,
  address,
  number,
  date,
  words,
};

enum class Part : uint8_t { whole, host, port, http_method, http_url, http_version };

enum class Scanner : uint8_t {
  none,
  ip,
  domain,
  domain_raw,
  hostname,
  url,
  net_addr,
  md5,
  sha1,
  sha256,
  trace_id,
  trace_root,
  arn_only,
  aws_arn,
  aws_principal,
  aws_account_id,
  aws_instance_id,
  aws_tag,
  email,
  username,
  dns_name,
  dns_last_word,
  text,
};

// Walkers over the strings in a JSON value, as bits: two of the specification, the keys of mode extended, and the
// scanner `text` over every string that is no opaque id.
constexpr uint8_t kWalkerN = 1, kWalkerL = 2, kWalkerMore = 4, kWalkerText = 8;

// A key, and the scanner that each walker has for the strings under it.
struct WalkedKey {
  std::string key;
  bool ending = false;  // any key that ends so
  Scanner n = Scanner::none, l = Scanner::none, more = Scanner::none;
  bool opaque = false;  // what stands under it holds no text
};

// The p_any_ columns.
enum class Indicator : uint8_t {
  ip_addresses,
  domain_names,
  sha1_hashes,
  md5_hashes,
  sha256_hashes,
  aws_account_ids,
  aws_instance_ids,
  aws_arns,
  aws_tags,
  trace_ids,
  emails,
  usernames,
};
constexpr int kIndicators = 12;

// A shape, or a list of words where `shape` is Shape::words.
struct Pattern {
  Shape shape = Shape::none;
  std::vector<std::string> words;
  std::vector<uint64_t> short_words;  // those of up to eight bytes, zeros behind them
};

enum class Required : uint8_t { no, always, in_header };

// Where a column's token comes from.
enum class From : uint8_t { number, rest, name, unmapped, nothing };

struct ColumnPlan {
  std::string name;
  Type type;
  From from = From::number;
  int token = 0;           // From::number and From::rest
  std::string token_name;  // From::name
  Part part = Part::whole;
  Required required = Required::no;
  std::vector<std::string> nulls;  // besides those of the format
  Time time = Time::none;
  Time time_given = Time::none;
  bool ranged = false;
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
  Pattern must;  // `allowed` and `shape`: rejects
  Pattern only;  // null otherwise
  bool unfit_rejects = false;
  char split = 0;
  std::vector<Scanner> scanners;  // of the mode asked for
  bool built = true;              // false: checked, not stored
};

// What fills an added column.
enum class Added : uint8_t { log_type, row_id, event_time, parse_time, source_id, source_label, indicator };

struct AddedPlan {
  Added what = Added::log_type;
  Indicator indicator = Indicator::ip_addresses;
  bool built = true;
};

// A member of a JSON object, and what is made of its value.
struct Member {
  Type type;
  bool json = false;   // a string that is the value's raw text
  bool plain = false;  // a string that nothing but its column asks for
  bool required = false;
  bool ranged = false;
  bool checked = false;  // it, or a member inside it, may reject the record
  Time time = Time::none;
  uint8_t walkers = 0;
  int by = -1;  // the sibling whose text chooses the scanner
  bool by_any_case = false;
  std::vector<Scanner> scanners;
  int column = -1;  // the plan's column that takes the value
  int field = -1;   // or the member of the parent's struct that does; -1: neither
  std::string name;                  // in the source; of a list's item nothing
  std::vector<std::string> aliases;  // tried in this order behind the name
  std::string path;                  // as messages name it
  double least = 0, most = 0;
  Pattern must;
  std::vector<std::pair<std::string, Scanner>> by_words;
  std::vector<Member> members;  // of an object
  std::vector<Member> item;     // of a list: one
  int list = -1;                // of a list: its number among the plan's lists

  bool taken() const noexcept { return column >= 0 || field >= 0; }
};

// Conditions that a record of a JSON type meets: all of one of the lists.
struct Condition {
  std::vector<int> path;  // places in the members from the record's on
  std::string word;       // the text that it must be; empty: any
  bool number = false;    // a number, or a string that is one
};

enum class Format : uint8_t { delimited, positional, json };
enum class QuoteEnd : uint8_t { number_follows, quote_follows, last };

struct Plan {
  std::string log_type;
  // records
  int header_least = 0;  // 0: no header
  bool parquet = false;  // records also come as the rows of Parquet files
  std::vector<std::string> default_names;
  std::vector<std::string> foreign;
  std::unordered_set<std::string> known_names;  // of From::name columns
  char joined_quote = 0;  // 0: records are never joined
  size_t joined_most = 0;
  int joined_column = -1;  // the column of the middle token
  // tokens
  Format format = Format::delimited;
  std::string separators;
  bool null_dash = false;
  bool null_empty = false;
  std::vector<std::string> nulls;  // other texts
  char quote = 0;
  std::map<int, QuoteEnd> raw_quotes;
  int bracketed = -1;
  int least = 0;
  int head = 0;
  int tail = 0;
  bool tail_more = false;
  // detect
  std::vector<Pattern> starts;
  int detect_least = 0;
  int detect_least_quoted = 0;
  int detect_exactly = 0;
  std::vector<std::vector<Condition>> conditions;
  int order = 0;  // of JSON types: those with a lower one are asked first
  // JSON: the record's members, whatever asks for them, and by column the way to its value
  std::vector<Member> members;
  std::vector<std::vector<int>> paths;
  int lists = 0;
  bool keep_unmapped = true;
  uint8_t unmapped_walkers = 0;
  std::vector<WalkedKey> walked_keys;
  bool envelope = false;  // an EventBridge envelope is the record itself
  // columns
  std::vector<ColumnPlan> columns;
  std::vector<AddedPlan> added;
  std::vector<int> event_time;
  std::array<bool, kIndicators> collects{};  // indicators wanted and built
};

}  // namespace engine
