#include "engine/reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/json_reader.hpp"
#include "engine/json_row.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

constexpr size_t kLargestSlice = 128 * 1024;
constexpr size_t kSmallestSlice = 4096;

MaskSpec mask_spec(const Plan& plan) {
  MaskSpec spec;
  if (plan.format == Format::json) return spec;
  spec.first_separator = plan.separators.front();
  spec.second_separator = plan.separators.back();
  spec.runs = plan.format == Format::delimited;
  spec.quotes = plan.quote != 0 || !plan.raw_quotes.empty();
  return spec;
}

}  // namespace

TypeState::TypeState(const Plan& type_plan, const ReaderOptions& options, const std::string& stream_id,
                     const std::shared_ptr<Pool>& pool)
    : plan(type_plan),
      masks(mask_spec(type_plan)),
      quick_starts(type_plan),
      rows(type_plan, options.given, reinterpret_cast<const uint8_t*>(stream_id.data()), options.parse_time_us,
           options.batch_bytes, pool),
      maker(type_plan, options.parse_time_us, options.has_source_id ? &options.source_id : nullptr,
            options.has_source_label ? &options.source_label : nullptr, pool) {
  std::fill(std::begin(raw_rules), std::end(raw_rules), int8_t{-1});
  for (const auto& [token, rule] : plan.raw_quotes) raw_rules[token] = static_cast<int8_t>(rule);
  for (const std::string& name : plan.known_names) {  // a brace may stand behind a name
    if (!name.empty()) name_sizes[name[0] & 31] |= uint64_t{3} << std::min<size_t>(name.size(), 62);
  }
  if (plan.format != Format::json) bind_default();
  rows.set_window(options.since_us, options.until_us);
}

TypeState::~TypeState() = default;

bool TypeState::open_json() {
  if (plan.format == Format::json && json == nullptr) json = std::make_unique<JsonRow>(plan, rows);
  return json != nullptr;
}

// The format of lines before any header.
void TypeState::bind_default() {
  bool headers = plan.header_least != 0;
  bound = !headers || !plan.default_names.empty();
  by_default = headers;
  names.clear();
  if (bound) program = bind(plan, headers ? &plan.default_names : nullptr);
}

LineReader::LineReader(std::vector<std::shared_ptr<const Plan>> plans, const std::vector<std::string>& stream_ids,
                       std::vector<std::shared_ptr<const Plan>> foreign, const ReaderOptions& options,
                       std::shared_ptr<Pool> pool)
    : frame(options.max_record),
      plans_(std::move(plans)),
      foreign_(std::move(foreign)),
      options_(options),
      pool_(std::move(pool)),
      rejects_(options_.has_source ? &options_.source : nullptr, pool_),
      gave_rows_(plans_.size(), 0) {
  for (size_t type = 0; type < plans_.size(); ++type) {
    states_.push_back(std::make_unique<TypeState>(*plans_[type], options_, stream_ids[type], pool_));
    TypeState& state = *states_.back();
    if (options_.has_header && state.plan.header_least != 0) set_given_header(state);
    if (state.plan.header_least == 0 && !state.plan.starts.empty())
      openings_.emplace_back(state.plan, static_cast<int>(type));
  }
  size_t label = std::max(options_.source_id.size(), options_.source_label.size()) + 1;
  int64_t fits = static_cast<int64_t>(std::max<size_t>(options_.batch_bytes / label, 1));
  batch_rows_ = std::min(options_.batch_rows, fits);
  if (options_.given) in_force_ = 0;
  frame.begin_at(options_.offset);
}

void LineReader::expect_like(LineReader& other, double times) {
  for (size_t type = 0; type < states_.size(); ++type) {
    const int64_t rows = states_[type]->rows.expect_like(other.states_[type]->rows, times);
    if (rows != 0) states_[type]->maker.share_with(other.states_[type]->maker, std::min(rows, options_.batch_rows));
  }
}

void LineReader::set_in_force(int type) noexcept {
  if (type == in_force_) return;
  in_force_ = type;
  slice_ = kSmallestSlice;  // another kind of line: the masks are made anew
}

// Drops a byte order mark; UTF-16 is no log. False while the first bytes are not there.
bool LineReader::start(bool last) {
  if (started_) return true;
  std::string_view text(frame.data(), frame.size());
  if (text.size() < 3 && !last) return false;
  started_ = true;
  if (starts_with(text, "\xEF\xBB\xBF")) frame.consume(3);
  utf16_ = starts_with(text, "\xFF\xFE") || starts_with(text, "\xFE\xFF");
  return true;
}

bool LineReader::drop_utf16() {
  if (!utf16_) return false;
  std::string_view text(frame.data(), frame.size());
  utf16_raw_.append(text.substr(0, kMostRaw - utf16_raw_.size()));
  utf16_size_ += text.size();
  frame.consume(text.size());
  return true;
}

size_t LineReader::slice(size_t complete) noexcept {
  if (complete <= slice_) return complete;
  std::string_view text(frame.data(), complete);
  size_t feed = text.rfind('\n', slice_ - 1);
  if (feed == std::string_view::npos) feed = text.find('\n', slice_);
  slice_ = std::min(slice_ * 2, kLargestSlice);
  return feed + 1;
}

// Scratch of the marks: taken from the pool, since every input needs it anew.
void LineReader::make_mark_room(size_t size) {
  marked_ = std::max(size, kLargestSlice);
  size_t marks = marked_ + 16, odd = 2 * marked_ + 1;  // an odd place a byte, an odd line a byte, and the end
  scratch_ = pool_->acquire((marks + odd) * sizeof(uint32_t));
  marks_ = reinterpret_cast<uint32_t*>(scratch_.data());
  odd_ = marks_ + marks;
}

LineReader::~LineReader() { pool_->give_back(std::move(scratch_)); }

void LineReader::mark(const TypeState& state, const char* data, size_t size) {
  if (size > marked_) make_mark_room(size);
  Marks marks{marks_, odd_, 0, false};
  mark_bytes(data, size, state.masks, marks);
  size_t count = marks.odd_count;
  if (marks.high && !is_utf8({data, size})) {  // lines to be repaired are odd
    for (size_t begin = 0; begin < size;) {
      const size_t end = std::string_view(data, size).find('\n', begin);
      if (!is_utf8({data + begin, end - begin})) odd_[count++] = static_cast<uint32_t>(begin);
      begin = end + 1;
    }
    std::sort(odd_, odd_ + count);
  }
  odd_[count] = 0xffffffff;
}

Token* LineReader::tokens(const Program& program, size_t count) {
  const size_t parts = static_cast<size_t>(program.parts), room = parts + count + static_cast<size_t>(program.tokens);
  if (tokens_.size() < room) tokens_.resize(room);
  return tokens_.data() + parts;
}

void LineReader::flush(int type) {
  TypeState& state = *states_[static_cast<size_t>(type)];
  state.unchecked = 0;
  state.unchecked_bytes = 0;
  if (state.rows.rows() == 0) return;
  FinishedBatch batch{type, nullptr, state.rows.rows(), 0};
  batch.array = state.maker.finish(state.rows, batch.size_bytes);
  batches_.push_back(std::move(batch));
}

void LineReader::flush_all() {
  if (!foreign_open()) end_foreign();
  for (int type = 0; type < types(); ++type) flush(type);
}

// A batch that holds rows already ends before a record that is large.
void LineReader::make_way(int type, size_t size) {
  if (size > options_.batch_bytes / 8) flush(type);
}

void LineReader::row_done(int type, size_t size) {
  TypeState& state = *states_[static_cast<size_t>(type)];
  ++record_;
  ++message_rows_;
  gave_rows_[static_cast<size_t>(type)] = 1;
  if (state.rows.left_out()) {
    ++outside_;
    return;
  }
  ++row_count_;
  state.unchecked_bytes += size;
  if (state.rows.rows() >= batch_rows_) return flush(type);
  if (++state.unchecked < 512 && state.unchecked_bytes < options_.batch_bytes / 64) return;
  state.unchecked = 0;
  state.unchecked_bytes = 0;
  if (state.rows.size_bytes() >= options_.batch_bytes) flush(type);
}

void LineReader::reject(int type, Status status, std::string_view fault, int64_t offset, size_t length,
                        std::string_view raw, const std::string* path) {
  end_foreign();
  const Plan* plan = type >= 0 ? &states_[static_cast<size_t>(type)]->plan : nullptr;
  Rejected rejected;
  rejected.log_type = plan != nullptr ? &plan->log_type : nullptr;
  rejected.record = ++record_;
  rejected.line = line_;
  rejected.offset = offset;
  rejected.length = static_cast<int64_t>(length);
  rejected.code = status.code;
  if (plan != nullptr && status.column >= 0) rejected.column = plan->columns[static_cast<size_t>(status.column)].name;
  if (path != nullptr && !path->empty()) rejected.column = *path;
  rejected.message = path != nullptr ? explain_json(status, plan, fault, *path) : explain(status, plan, fault);
  if (in_message_) {
    rejected.line = message_.line;
    rejected.offset = message_.offset;
    rejected.length = static_cast<int64_t>(message_.length);
    ++message_rows_;
  }
  rejected.raw = in_message_ && !message_.raw.empty() ? message_.raw : raw;
  rejects_.add(rejected);
  if (first_named_ < 0) first_named_ = type;
}

void LineReader::reject_stream(Code code, std::string_view message, int64_t offset, size_t length,
                               std::string_view raw) {
  end_foreign();
  Rejected rejected;
  rejected.log_type = options_.given ? &plans_[0]->log_type : nullptr;
  rejected.record = ++record_;
  rejected.line = ++line_;
  rejected.offset = offset;
  rejected.length = static_cast<int64_t>(length);
  rejected.code = code;
  rejected.message = message;
  rejected.raw = raw;
  rejects_.add(rejected);
  if (first_named_ < 0 && options_.given) first_named_ = 0;
}

// A header inside it is in force no longer than it.
void LineReader::read_message(std::string_view whole, const Message& message) {
  const bool outermost = !in_message_;
  if (outermost) {
    in_message_ = true;
    message_ = message;
    message_rows_ = 0;
  }
  const int64_t headers = headers_seen_, line = line_, stream = enter_stream();
  std::vector<std::pair<TypeState*, HeaderState>> outer;
  for (auto& state : states_) {
    if (headers_seen_ != 0 && state->plan.header_least != 0) outer.emplace_back(state.get(), *state);
  }
  if (!outer.empty()) forget_headers();
  std::string_view text = whole;
  if (starts_with(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  const size_t at = text.find_first_not_of(" \t\r\n");
  if (at != std::string::npos && (text[at] == '{' || text[at] == '[')) {
    JsonReader(*this, {}).read(text);
  } else {
    read_text(text, message.offset, false, true);
  }
  leave_stream(stream);
  line_ = line;
  if (headers != headers_seen_) forget_headers();
  for (auto& [state, header] : outer) {
    static_cast<HeaderState&>(*state) = std::move(header);
  }
  if (outermost) in_message_ = false;
}

void LineReader::read_json_line(std::string_view line, size_t prefix, int64_t offset) {
  const int64_t number = line_, stream = enter_stream();
  const bool alone = prefix != 0 && !in_message_;
  if (alone) {
    in_message_ = true;
    message_ = {offset, line.size(), number, line, !is_utf8(line)};
    message_rows_ = 0;
  }
  JsonPlace place;
  place.offset = offset + static_cast<int64_t>(prefix);
  place.line = number;
  place.one_line = true;
  const bool inside = prefix != 0 && !alone && message_.raw.empty();  // of a message: its records have the line's bytes
  if (inside) message_.raw = line;
  JsonReader(*this, place).read(line.substr(prefix));
  leave_stream(stream);
  if (inside) message_.raw = {};
  if (alone) in_message_ = false;
  line_ = number;
}

// Lines inside a stream of JSON. With `single`, the first record of them: its bytes come back, or 0 where it goes on
// behind the text.
size_t LineReader::read_text(std::string_view text, int64_t offset, bool single, bool last) {
  Frame inner(options_.max_record);
  inner.begin_at(offset);
  std::swap(frame, inner);
  Block scratch;  // whoever called may be within a slice whose marks it still needs
  std::swap(scratch_, scratch);
  const size_t marked = std::exchange(marked_, 0);
  uint32_t* const marks = marks_;
  uint32_t* const odd = odd_;
  const bool outer_single = std::exchange(single_, single);
  frame.add(text.data(), text.size());
  if (last) frame.end();
  take_long_line();
  read_lines_(this, last);
  const size_t left = std::min(frame.size(), text.size());
  single_ = outer_single;
  std::swap(scratch_, scratch);
  pool_->give_back(std::move(scratch));
  marked_ = marked;
  marks_ = marks;
  odd_ = odd;
  std::swap(frame, inner);
  return text.size() - left;
}

void LineReader::take_long_line() {
  if (!frame.skip_done()) return;
  begin_line();
  reject(options_.given ? 0 : -1, {Code::too_long, -1}, {}, frame.long_offset(), static_cast<size_t>(frame.long_size()),
         frame.long_raw());
  frame.clear_long();
}

void LineReader::finish(const std::string* truncated) {
  if (over_) return;
  over_ = true;
  end_foreign();
  if (utf16_) {
    reject_stream(Code::syntax, "the input is UTF-16; convert it to UTF-8", 0, utf16_size_, utf16_raw_);
  } else if (truncated != nullptr) {
    std::string_view tail(frame.data(), frame.size());
    std::string_view line = trim_line(tail);
    int64_t lead = line.empty() ? static_cast<int64_t>(tail.size()) : line.data() - tail.data();
    reject_stream(Code::truncated, *truncated, frame.offset() + lead, line.size(), line);
  }
  flush_all();
}

std::vector<int> LineReader::found_types() const {
  std::vector<int> found;
  for (size_t type = 0; type < gave_rows_.size(); ++type) {
    if (gave_rows_[type] != 0) found.push_back(static_cast<int>(type));
  }
  if (found.empty() && first_named_ >= 0) found.push_back(first_named_);
  return found;
}

std::vector<std::pair<std::string, int64_t>> LineReader::warnings() const {
  std::vector<std::pair<std::string, int64_t>> out;
  for (const auto& state : states_) {
    for (size_t column = 0; column < state->plan.columns.size(); ++column) {
      int64_t count = state->rows.warnings()[column];
      if (count != 0) out.emplace_back(state->plan.columns[column].name, count);
    }
  }
  if (invalid_utf8_ != 0) out.emplace_back("invalid_utf8", invalid_utf8_);
  if (dropped_fields_ != 0) out.emplace_back("dropped_field", dropped_fields_);
  const size_t unknown = unknown_names_.size() - unknown_before_;
  if (unknown != 0) out.emplace_back("unknown_name", static_cast<int64_t>(unknown));
  return out;
}

}  // namespace engine
