#include "engine/find_text.hpp"

#include <algorithm>
#include <cstring>

#include "engine/address.hpp"
#include "engine/bytes16.hpp"
#include "engine/find.hpp"
#include "engine/top_level.hpp"

namespace engine {
namespace {

constexpr size_t kKeptMarks = 16384;  // of texts up to 1 MB
constexpr size_t kMostLabel = 63, kMostName = 253;
constexpr size_t kMostAddress = 45;  // of IPv6 with an IPv4 tail

bool is_alnum(char byte) noexcept { return is_digit(byte) || static_cast<unsigned char>((byte | 0x20) - 'a') < 26; }

bool four_or_more(uint64_t bits) noexcept {
  for (int count = 0; count < 3; ++count) bits &= bits - 1;
  return bits != 0;
}

// A set of bytes.
class Bytes {
 public:
  constexpr explicit Bytes(std::string_view bytes) noexcept : has_() {
    for (char byte : bytes) has_[static_cast<unsigned char>(byte)] = true;
  }
  bool has(char byte) const noexcept { return has_[static_cast<unsigned char>(byte)]; }

 private:
  bool has_[256];
};
constexpr Bytes kEndUser(" \t\n\v\f\r/?#\\\"'<>");
constexpr Bytes kEndArn(" \t\n\v\f\r\"'`,;)]}>");

// The size of the escape that begins with this byte, or 0.
size_t escape_size(std::string_view text) noexcept {
  const auto digits = [text](size_t at, size_t count) {
    return text.size() >= at + count && std::all_of(text.begin() + at, text.begin() + at + count, is_hex);
  };
  if (text[0] == '%') return digits(1, 2) ? 3 : 0;
  if (text.size() < 2) return 0;
  if (text[1] == 'n' || text[1] == 'r' || text[1] == 't') return 2;
  if (text[1] == 'x') return digits(2, 2) ? 4 : 0;
  return text[1] == 'u' && digits(2, 4) ? 6 : 0;
}

// Whether a short text, in which no hash has room, may hold an indicator: most names and ids have no such byte.
bool may_hold_any(std::string_view text) noexcept {
  uint32_t found = 0, letter = 0;
  for (size_t at = 0; at < text.size(); at += 16) {
    const Bytes16 bytes(text.data() + at);
    const uint32_t here = within16(text.size(), at), dashes = bytes.equal('-');
    found |=
        (bytes.equal('.') | bytes.equal(':') | bytes.equal('@') | (dashes & (bytes.equal('i') << 1 | letter))) & here;
    letter = bytes.equal('i') >> 15 & 1;
  }
  return found != 0;
}

}  // namespace

void TextFinder::find(std::string_view text, Hits& hits) {
  constexpr size_t kLeastHash = 32;
  if (text.size() < kLeastHash && !may_hold_any(text)) return;
  const size_t marks = text.size() / 64 + 3;  // one before and one behind them
  if (room_.size() < marks) room_ = std::vector<TextMarks>(std::max(marks, std::min(2 * marks, kKeptMarks)));
  marks_ = room_.data() + 1;
  const TextMarks all = mark_text(text.data(), text.size(), marks_);
  text_ = text;
  hits_ = &hits;
  taken_.clear();
  const bool has_at = all.rare != 0 && hide_escapes();
  if (all.host != 0) find_hosts(has_at);
  if (has_at) find_emails();
  find_others();
  if (room_.size() > kKeptMarks) room_ = {};  // one long text is no reason to expect others
}

// The first place of the bytes of a kind that end before `at`; `at` where there are none.
template <TextFinder::Kind kind>
size_t TextFinder::begin_of(size_t at) const noexcept {
  for (;; at -= 64) {
    const uint64_t others = ~before<kind>(at);
    if (others != 0) return at - static_cast<size_t>(63 - highest_bit(others));
  }
}

// The place behind the bytes of a kind from `at` on; `at` where there are none.
template <TextFinder::Kind kind>
size_t TextFinder::end_of(size_t at) const noexcept {
  for (;; at += 64) {
    const uint64_t others = ~from<kind>(at);
    if (others != 0) return at + static_cast<size_t>(lowest_bit(others));
  }
}

// The bytes of a run around `at`, without the dots and dashes at its ends.
TextFinder::Span TextFinder::trimmed(Span run) const noexcept {
  while (run.begin < run.end && !word_at(run.begin)) ++run.begin;
  while (run.begin < run.end && !word_at(run.end - 1)) --run.end;
  return run;
}

// Escapes that the source left in the text are no word characters, whatever they are written with. Returns whether
// there is an `@`.
bool TextFinder::hide_escapes() {
  bool has_at = false;
  size_t done = 0;
  for (size_t block = 0; block * 64 < text_.size(); ++block) {
    for (uint64_t rare = marks_[block].rare; rare != 0; rare &= rare - 1) {
      const size_t at = block * 64 + static_cast<size_t>(lowest_bit(rare));
      has_at |= text_[at] == '@';
      const size_t size = text_[at] == '@' || at < done ? 0 : escape_size(text_.substr(at));
      if (size == 0) continue;
      done = at + size;
      for (size_t place = at; place < done; ++place) {
        TextMarks& marks = marks_[place / 64];
        const uint64_t kept = ~(uint64_t{1} << (place % 64));
        marks.word &= kept;
        marks.hex &= kept;
        marks.rare &= kept;
      }
    }
  }
  return has_at;
}

void TextFinder::find_hosts(bool users) {
  for (size_t block = 0; block * 64 < text_.size(); ++block) {
    for (uint64_t hosts = marks_[block].host; hosts != 0; hosts &= hosts - 1) {
      const size_t at = block * 64 + static_cast<size_t>(lowest_bit(hosts)) + 1;
      if (at < 4 || text_[at - 3] != ':' || !word_at(at - 4) || !is_alnum(text_[at - 4])) continue;
      take(taken_, {at - 3, find_host(users ? behind_user(at) : at)});
    }
  }
}

// The host of a URL from its colon on, or an e-mail address. No run is partly in one, so none shows there any more.
void TextFinder::take(std::vector<Span>& spans, Span span) {
  Span& taken = spans.emplace_back();  // its members one by one: both at once would wait for them
  taken.begin = span.begin;
  taken.end = span.end;
  for (size_t at = span.begin + 1; at < span.end; at = (at / 64 + 1) * 64) {
    const size_t size = std::min(span.end - at, 64 - at % 64);
    marks_[at / 64].shows &= ~(~uint64_t{0} >> (64 - size) << at % 64);
  }
}

// Behind the user information of a URL, if there is any.
size_t TextFinder::behind_user(size_t at) const noexcept {
  size_t behind = at;
  for (size_t place = at; place < text_.size() && !kEndUser.has(text_[place]); ++place) {
    if (text_[place] == '@') behind = place + 1;
  }
  return behind;
}

// Adds the host that begins there; returns where it ends.
size_t TextFinder::find_host(size_t at) {
  if (at < text_.size() && text_[at] == '[') {
    const size_t end = end_of<of_address>(at + 1);
    const std::string_view address = text_.substr(at + 1, end - at - 1);
    if (end == text_.size() || text_[end] != ']' || address.find(':') == std::string_view::npos || !is_ip(address))
      return at;
    hits_->add(Indicator::ip_addresses, address);
    return end + 1;
  }
  const size_t end = end_of<of_run>(at);
  const Span span = trimmed({at, end});
  const std::string_view host = text_of(span);
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos) return end;
  if (is_digit(host.front()) && is_ipv4(host)) {
    hits_->add(Indicator::ip_addresses, host);
  } else if (!std::all_of(host.begin() + static_cast<ptrdiff_t>(dot) + 1, host.end(), is_digit)) {
    add_name(span);
  }
  return end;
}

void TextFinder::find_emails() {
  emails_.clear();
  for (size_t block = 0; block * 64 < text_.size(); ++block) {
    for (uint64_t rare = marks_[block].rare; rare != 0; rare &= rare - 1) {
      const size_t at = block * 64 + static_cast<size_t>(lowest_bit(rare));
      if (text_[at] == '@' && !is_taken({at, at + 1})) find_email(at);
    }
  }
  if (emails_.empty()) return;
  taken_.insert(taken_.end(), emails_.begin(), emails_.end());
  std::sort(taken_.begin(), taken_.end(), [](const Span& left, const Span& right) { return left.begin < right.begin; });
}

void TextFinder::find_email(size_t at) {
  const auto is_local = [this](size_t place) {
    const char byte = text_[place];
    if (word_at(place)) return static_cast<signed char>(byte) >= 0;
    return byte == '.' || byte == '-' || byte == '+' || (byte == '%' && is(&TextMarks::rare, place));
  };
  size_t begin = at;
  while (begin != 0 && is_local(begin - 1)) --begin;
  Span domain{at + 1, end_of<of_run>(at + 1)};
  while (domain.end > domain.begin && !word_at(domain.end - 1)) --domain.end;
  if (begin == at || word_before(begin) || (!emails_.empty() && begin < emails_.back().end)) return;
  if (!is_name(domain, true)) return;
  hits_->add(Indicator::emails, text_of({begin, domain.end}));
  add_name(domain);
  take(emails_, {begin, domain.end});
}

void TextFinder::find_others() {
  run_done_ = address_done_ = address_found_ = arn_done_ = hash_done_ = 0;
  for (size_t block = 0; block * 64 < text_.size(); ++block) {
    const TextMarks& marks = marks_[block];
    uint64_t shows = marks.shows;
    if (four_or_more(marks.colon)) shows |= between_digits(block);
    if (shows != 0) {
      for (shows &= beyond_run(block); shows != 0; shows &= (shows - 1) & beyond_run(block))
        find_at(block * 64 + static_cast<size_t>(lowest_bit(shows)));
    }
    // A hash has sixteen of these bytes for its own, wherever it begins: the last bit of each sixteen where it may be.
    constexpr uint64_t kLow = 0x0001000100010001, kHigh = 0x8000800080008000;
    for (uint64_t ends = (~marks.hex - kLow) & marks.hex & kHigh; ends != 0; ends &= ends - 1) {
      const size_t at = block * 64 + static_cast<size_t>(lowest_bit(ends));
      if (at >= hash_done_) find_hash(at);
    }
  }
}

// The colons of a block where it may hold four or more of an address without "::": all seven are in two blocks.
uint64_t TextFinder::between_digits(size_t block) const noexcept {
  const uint64_t hex = marks_[block].hex, next = marks_[block + 1].hex, last = block == 0 ? 0 : marks_[block - 1].hex;
  const uint64_t colons = marks_[block].colon & (hex << 1 | last >> 63) & (hex >> 1 | next << 63);
  return four_or_more(colons) ? colons : 0;
}

// The places of a block that are not in the run that was looked at last, and the dashes in it.
uint64_t TextFinder::beyond_run(size_t block) const noexcept {
  const size_t begin = block * 64;
  if (run_done_ <= begin) return ~uint64_t{0};
  return marks_[block].dash | (run_done_ - begin >= 64 ? 0 : ~uint64_t{0} << (run_done_ - begin));
}

void TextFinder::find_at(size_t at) {
  if (text_[at] != ':') return text_[at] == '-' ? find_instance(at) : find_run(at);
  if (at >= 3 && text_[at - 1] == 'n') {  // an address may begin here, but then it shows at its next colon
    if (at >= arn_done_ && text_[at - 2] == 'r' && text_[at - 3] == 'a') find_arn(at);
  } else if (at >= address_done_) {
    find_address(at);
  }
}

// A run: an IPv4 address, a domain, or neither.
void TextFinder::find_run(size_t at) {
  const Span whole{begin_of<of_run>(at), end_of<of_run>(at)};
  run_done_ = whole.end;
  const Span run = trimmed(whole);
  const std::string_view text = text_of(run);
  if (text.size() < 4) return;
  if (is_digit(text.back())) {
    if (!is_digit(text.front()) || is_version(run.begin) || run.begin < address_found_) return;
    if (is_ipv4(text)) hits_->add(Indicator::ip_addresses, text);
  } else if (is_name(run, false) && !(run.end < text_.size() && text_[run.end] == '(')) {
    add_name(run);
  }
}

// Whether what begins there stands behind a program's name, as in curl/7.68.0.1.
bool TextFinder::is_version(size_t begin) const noexcept {
  return begin >= 2 && (text_[begin - 1] == '/' || text_[begin - 1] == '#') && word_at(begin - 2);
}

// The bits of up to 64 bytes, which are not none.
template <TextFinder::Kind kind>
uint64_t TextFinder::bits_of(Span span) const noexcept {
  return from<kind>(span.begin) & ~uint64_t{0} >> (64 - (span.end - span.begin));
}

// Whether it is a domain name. The last label is looked at first, which most runs fail.
bool TextFinder::is_name(Span span, bool any_ending) const noexcept {
  const size_t size = span.end - span.begin;
  if (size == 0 || size > kMostName) return false;
  const Span tail{span.end - std::min<size_t>(size, 64), span.end};
  const uint64_t dots = bits_of<of_dot>(tail);
  if (dots == 0) return false;
  const TopLevel ending = top_level(text_of({tail.begin + static_cast<size_t>(highest_bit(dots)) + 1, span.end}));
  if (ending == TopLevel::none || (ending == TopLevel::file_ending && !any_ending)) return false;
  if (size > 64) return has_labels(span);
  // All labels at once: how many there are cannot be guessed. None of them is too long here.
  const uint64_t last = uint64_t{1} << (size - 1), begins = dots << 1 | 1, ends = dots >> 1 | last;
  const uint64_t labels = bits_of<of_label>(span), outer = labels & ~bits_of<of_dash>(span);
  return (labels | dots) == (last - 1 + last) && ((begins | ends) & ~outer) == 0;
}

// The same of a long name, label by label.
bool TextFinder::has_labels(Span name) const noexcept {
  for (Span label = name;; label.begin = label.end + 1) {
    label.end = std::min(end_of<of_label>(label.begin), name.end);
    const size_t size = label.end - label.begin;
    if (size == 0 || size > kMostLabel || text_[label.begin] == '-' || text_[label.end - 1] == '-') return false;
    if (label.end == name.end) return true;
    if (text_[label.end] != '.') return false;
  }
}

void TextFinder::add_name(Span name) {
  const bool is_short = name.end - name.begin <= 64;
  const uint64_t dashes = is_short ? bits_of<of_dash>(name) : ~uint64_t{0};
  hits_->add_name(text_of(name), (dashes & dashes >> 1) != 0);
}

// A sequence of hexadecimal digits, colons and dots that holds "::", or seven colons.
void TextFinder::find_address(size_t at) {
  Span span{begin_of<of_address>(at), end_of<of_address>(at)};
  address_done_ = span.end;
  while (span.begin < span.end && text_[span.begin] == '.') ++span.begin;
  while (span.begin < span.end && text_[span.end - 1] == '.') --span.end;
  const std::string_view whole = text_of(span);
  if (whole.size() < 3) return;
  if (whole[0] == ':' && whole[1] != ':') ++span.begin;
  if (whole[whole.size() - 1] == ':' && whole[whole.size() - 2] != ':') --span.end;
  const std::string_view text = text_of(span);
  if (text.size() > kMostAddress || word_before(span.begin) || word_at(span.end)) return;
  if (span.begin != 0 && joins(span.begin - 1)) return;
  if (span.end < text_.size() && joins(span.end)) return;
  const bool is_long = text.find("::") != std::string_view::npos || std::count(text.begin(), text.end(), ':') == 7;
  if (!is_long || std::none_of(text.begin(), text.end(), is_digit) || !is_ip(text)) return;
  if (is_taken(span)) return;
  address_found_ = span.end;
  hits_->add(Indicator::ip_addresses, text);
}

void TextFinder::find_arn(size_t colon) {
  const size_t begin = colon - 3;
  if (!word_at(begin) || word_before(begin) || is_taken({begin, colon})) return;
  size_t end = end_of<of_arn>(colon + 1);
  while (end < text_.size() && !kEndArn.has(text_[end])) end = end_of<of_arn>(end + 1);
  arn_done_ = end;
  const std::string_view arn = text_of({begin, end});
  const Token& known = hits_->known_arn_;
  if (arn.data() != known.data || arn.size() != known.size) hits_->add_arn(arn);
}

void TextFinder::find_instance(size_t dash) {
  const size_t begin = dash - 1, end = end_of<of_word>(dash + 1), digits = end - dash - 1;
  if ((digits != 8 && digits != 17) || word_before(begin) || end_of<of_hex>(dash + 1) < end) return;
  hits_->add(Indicator::aws_instance_ids, text_of({begin, end}));
}

void TextFinder::find_hash(size_t at) {
  const Span span{begin_of<of_word>(at), end_of<of_word>(at)};
  hash_done_ = span.end;
  const size_t size = span.end - span.begin;
  if ((size != 32 && size != 40 && size != 64) || end_of<of_hex>(span.begin) < span.end) return;
  const std::string_view text = text_of(span);
  const auto digits = static_cast<size_t>(std::count_if(text.begin(), text.end(), is_digit));
  if (digits == 0 || digits == size || is_taken(span)) return;
  const Indicator kind = size == 32   ? Indicator::md5_hashes
                         : size == 40 ? Indicator::sha1_hashes
                                      : Indicator::sha256_hashes;
  hits_->add_hash(kind, text, size);
}

// Whether some of it is in the host of a URL or an e-mail address.
bool TextFinder::is_taken(Span span) const noexcept {
  if (taken_.empty() || taken_.back().end <= span.begin || span.end <= taken_.front().begin) return false;
  const auto behind = std::partition_point(taken_.begin(), taken_.end(),
                                           [&span](const Span& other) { return other.end <= span.begin; });
  return behind != taken_.end() && behind->begin < span.end;
}

}  // namespace engine
