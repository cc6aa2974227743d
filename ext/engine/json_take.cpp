// A whole value of a stream: what it is wrapped in, or that it is no log, or the record that goes to its type's row.
#include <algorithm>
#include <array>

#include "engine/json_reader.hpp"
#include "engine/json_row.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

constexpr std::string_view kNames[] = {"Records", "messageType", "logGroup", "logStream", "logEvents",   "Type",
                                       "Message", "s3",          "Event",    "s3Bucket",  "s3ObjectKey", "detail-type",
                                       "detail",  "source",      "account",  "time"};

// The first letters of the names of each size, as bits: of most records no key goes on to be compared.
constexpr auto kLetters = [] {
  std::array<uint32_t, 12> out{};
  for (std::string_view name : kNames) out[name.size()] |= 1u << (name[0] & 31);
  return out;
}();

// Those of any size: nearly all keys are told by their first byte.
constexpr auto kAnyLetters = [] {
  uint32_t out = 1u << ('\\' & 31);
  for (std::string_view name : kNames) out |= 1u << (name[0] & 31);
  return out;
}();

bool may_be_name(const JsonIndex& json, uint32_t key) noexcept {
  if ((kAnyLetters >> (json.data()[json.place(key) + 1] & 31) & 1) == 0) return false;
  const std::string_view text = json.inside(key);
  if (json.escaped(key)) return true;
  return !text.empty() && text.size() < kLetters.size() && (kLetters[text.size()] >> (text[0] & 31) & 1) != 0;
}

bool is_array(const JsonIndex& json, uint32_t token) noexcept { return token != kAbsent && json.mark(token) == '['; }

// Members that tell what an object is wrapped in, or that it is no log: the last of a name, but of `Records` the first
// that is an array, which a stream has gone into by then.
struct Wrapper {
  enum Name {
    records,
    message_type,
    log_group,
    log_stream,
    log_events,
    type,
    message,
    s3,
    event,
    s3_bucket,
    s3_object_key,
    detail_type,
    detail,
    source,
    account,
    time,
    names
  };
  uint32_t values[names];

  Wrapper(const JsonIndex& index, uint32_t object) : json(index) {
    std::fill(std::begin(values), std::end(values), kAbsent);
    std::string scratch;
    for (uint32_t at = json.first_key(object); at != 0; at = json.next_key(at)) {
      if (!may_be_name(json, at)) continue;
      const std::string_view key = key_text(json, at, scratch);
      for (int name = 0; name < names; ++name) {
        if (key == kNames[name] && !(name == records && is_array(json, values[records]))) values[name] = at + 2;
      }
    }
  }
  bool has(Name name) const noexcept { return values[name] != kAbsent && json.mark(values[name]) != 'n'; }
  const JsonIndex& json;
};

bool is_text(const JsonIndex& json, uint32_t token, std::string_view text) {
  std::string scratch;
  return token != kAbsent && json.mark(token) == '"' && key_text(json, token, scratch) == text;
}

// The member of an object, the last of that name, or kAbsent.
uint32_t member_of(const JsonIndex& json, uint32_t object, std::string_view name) {
  uint32_t found = kAbsent;
  std::string scratch;
  for (uint32_t at = json.first_key(object); at != 0; at = json.next_key(at)) {
    if (key_text(json, at, scratch) == name) found = at + 2;
  }
  return found;
}

}  // namespace

// Whether an object with no keys but those of these members is a record, whatever it holds.
bool JsonReader::only_records(const std::vector<Member>& members) {
  using W = Wrapper;
  uint32_t known = 0;
  for (uint32_t name = 0; name < W::names; ++name) {
    const auto leads = [name](const Member& member) { return Level::leads(kNames[name], member); };
    known |= static_cast<uint32_t>(std::any_of(members.begin(), members.end(), leads)) << name;
  }
  constexpr auto bits = [](auto... each) { return ((1u << each) | ...); };
  constexpr uint32_t kWrapping[] = {bits(W::records),
                                    bits(W::message_type, W::log_group, W::log_stream, W::log_events),
                                    bits(W::type, W::message),
                                    bits(W::s3),
                                    bits(W::event),
                                    bits(W::s3_bucket, W::s3_object_key),
                                    bits(W::detail_type, W::detail, W::source, W::account, W::time)};
  return std::none_of(std::begin(kWrapping), std::end(kWrapping),
                      [known](uint32_t wrapping) { return (wrapping & ~known) == 0; });
}

// A whole value.
void JsonReader::take(const JsonCheck& check) {
  const uint32_t value = token_;
  const size_t begin = json_.place(value), end = json_.end(value);
  token_ = check.behind;
  if (!open_.empty()) open_.back().separator = true;
  uint32_t record = value;
  if (json_.mark(value) == '{') {
    const bool known = given_ != nullptr && given_->json->locate(json_, value) && *given_->only_records;
    if (!known && unwrap(value, record)) return;
  }
  if (end - begin > books_.max_record()) return reject(Code::too_long, {}, begin, end);
  const bool deep = record == value ? check.code == Code::too_deep : json_.check(record).code == Code::too_deep;
  if (!deep) return take_record(record, given_ == nullptr || record == value);
  if (open_.empty()) return reject(Code::too_deep, {}, begin, end);
  open_.back().separator = false;
  deep_ = begin;
}

// Takes an object for what it wraps, or refuses it as no log; false where it is a record, or `record` in it is.
bool JsonReader::unwrap(uint32_t object, uint32_t& record) {
  using W = Wrapper;
  const W wrapper(json_, object);
  const uint32_t* values = wrapper.values;
  auto mark = [this, values](W::Name name) { return values[name] == kAbsent ? '\0' : json_.mark(values[name]); };
  if (mark(W::records) == '[') {
    if (!open_.empty()) open_.back().separator = false;
    open_.push_back({true});
    open_array(values[W::records]);
    return true;
  }
  if (json_.raw(object).size() > books_.max_record()) return false;
  if (mark(W::records) == 'n') return true;
  if (wrapper.has(W::message_type) && wrapper.has(W::log_group) && wrapper.has(W::log_stream) &&
      (mark(W::log_events) == '[' || mark(W::log_events) == 'n')) {
    if (mark(W::log_events) == '[' && !is_text(json_, values[W::message_type], "CONTROL_MESSAGE"))
      take_log_events(values[W::log_events]);
    return true;
  }
  if (is_text(json_, values[W::type], "Notification") && mark(W::message) == '"') {
    take_message(values[W::message]);
    return true;
  }
  const bool notice = (mark(W::s3) == '{' && member_of(json_, values[W::s3], "object") != kAbsent) ||
                      is_text(json_, values[W::event], "s3:TestEvent") ||
                      (wrapper.has(W::s3_bucket) && wrapper.has(W::s3_object_key));
  if (notice) {
    refuse(books_.given() ? 0 : -1, {Code::not_a_log, -1}, {}, object, {});
    return true;
  }
  const bool event = wrapper.has(W::detail_type) && wrapper.has(W::detail) && wrapper.has(W::source) &&
                     wrapper.has(W::account) && wrapper.has(W::time);
  if (!event || !books_.given() || books_.state(0).plan.format != Format::json || books_.state(0).plan.envelope)
    return false;
  record = values[W::detail];
  return false;
}

void JsonReader::take_log_events(uint32_t events) {
  for (uint32_t at = events + 1; json_.mark(at) != ']'; at += json_.mark(at) == ',') {
    const uint32_t text = json_.mark(at) == '{' ? member_of(json_, at, "message") : kAbsent;
    if (text != kAbsent && json_.mark(text) == '"') {
      take_message(text);
    } else {
      refuse(books_.given() ? 0 : -1, {Code::missing_required, -1}, {}, at, {});
    }
    at = json_.behind(at);
  }
}

// A text that is an input of its own.
void JsonReader::take_message(uint32_t token) {
  std::string text;
  unescape(text, json_.inside(token));
  if (json_.refused() && !is_utf8(text)) text = repair_utf8(text);
  const size_t begin = json_.place(token);
  const std::string_view raw = json_.raw(token);
  books_.read_message(text, {offset_ + static_cast<int64_t>(begin), raw.size(), line_of(begin), {}, false});
}

void JsonReader::refuse(int type, Status status, std::string_view fault, uint32_t value, const std::string& path) {
  const size_t begin = json_.place(value);
  const std::string_view raw = json_.raw(value);
  books_.set_line(line_of(begin));
  books_.reject(type, status, fault, offset_ + static_cast<int64_t>(begin), raw.size(), raw, &path);
}

// `located`: its type's row has just looked at it.
void JsonReader::take_record(uint32_t record, bool located) {
  const size_t begin = json_.place(record), length = json_.end(record) - begin;
  const int64_t offset = books_.row_place(offset_ + static_cast<int64_t>(begin));
  const int type = type_of(record);
  if (type < 0 || json_.mark(record) != '{')
    return refuse(books_.given() ? 0 : -1, {Code::unknown_type, -1}, books_.foreign_value(json_, record), record, {});
  TypeState& state = books_.state(type);
  books_.make_way(type, length);
  if (json_.refused() && !is_utf8(json_.raw(record))) return take_repaired(type, record, offset);
  const Status status = state.json->append(json_, record, offset, located);
  if (status.code == Code::ok) {
    if (books_.message_odd()) books_.warn_utf8();
    return books_.row_done(type, length);
  }
  refuse_record(type, status, record);
}

// What lacks something of its type, or, where the caller named that, is of another log.
void JsonReader::refuse_record(int type, Status status, uint32_t record) {
  JsonRow& row = *books_.state(type).json;
  if (books_.given() && !row.detect(json_, record)) {
    const std::string_view log = books_.foreign_value(json_, record);
    if (!log.empty()) return refuse(type, {Code::unknown_type, -1}, log, record, {});
  }
  refuse(type, status, row.fault(), record, row.fault_path());
}

void JsonReader::take_repaired(int type, uint32_t record, int64_t offset) {
  TypeState& state = books_.state(type);
  std::string text = repair_utf8(json_.raw(record));
  const size_t size = text.size();
  text.append(kPadding, '\0');
  if (repaired_ == nullptr) repaired_ = std::make_unique<JsonIndex>();
  repaired_->build(text.data(), size, true);
  repaired_->check(0);
  const Status status = state.json->append(*repaired_, 0, offset, false);
  if (status.code != Code::ok) return refuse_record(type, status, record);
  books_.row_done(type, size);
  books_.warn_utf8();
}

}  // namespace engine
