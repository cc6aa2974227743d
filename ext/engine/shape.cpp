#include "engine/shape.hpp"

#include <algorithm>
#include <cstring>

#include "engine/address.hpp"
#include "engine/bytes16.hpp"
#include "engine/find.hpp"

namespace engine {
namespace {

template <typename Test>
bool all(std::string_view text, Test test) noexcept {
  return std::all_of(text.begin(), text.end(), test);
}

// Bytes 0 to 9, A to Z and a to z.
uint32_t alnum(const Bytes16& bytes) noexcept {
  return (bytes.above('0' - 1) & ~bytes.above('9')) | (bytes.above('A' - 1) & ~bytes.above('Z')) |
         (bytes.above('a' - 1) & ~bytes.above('z'));
}

uint32_t hex(const Bytes16& bytes) noexcept {
  return (bytes.above('0' - 1) & ~bytes.above('9')) | (bytes.above('A' - 1) & ~bytes.above('F')) |
         (bytes.above('a' - 1) & ~bytes.above('f'));
}

uint32_t upper(const Bytes16& bytes) noexcept { return (bytes.above('A' - 1) & ~bytes.above('Z')) | bytes.equal('_'); }

// Whether every byte is of the kind.
template <typename Kind>
bool all16(std::string_view text, Kind kind) noexcept {
  size_t at = 0;
  for (; at + 16 <= text.size(); at += 16) {
    if (kind(Bytes16(text.data() + at)) != 0xFFFF) return false;
  }
  const uint32_t here = (1u << (text.size() - at)) - 1;
  return here == 0 || (kind(Bytes16(text.data() + at)) & here) == here;
}

// `d` in `form` stands for a digit, every other byte for itself.
bool like(std::string_view text, std::string_view form) noexcept {
  if (text.size() < form.size()) return false;
  for (size_t place = 0; place < form.size(); ++place) {
    bool same = form[place] == 'd' ? is_digit(text[place]) : text[place] == form[place];
    if (!same) return false;
  }
  return true;
}

uint32_t digits(const Bytes16& bytes) noexcept { return bytes.above('0' - 1) & ~bytes.above('9'); }

// The first 32 bytes that are digits; kPadding bytes behind the text are readable.
uint32_t digits32(std::string_view text) noexcept {
  return digits(Bytes16(text.data())) | digits(Bytes16(text.data() + 16)) << 16;
}

// The bytes that are digits in a form.
constexpr uint32_t digits_of(std::string_view form) noexcept {
  uint32_t found = 0;
  for (size_t place = 0; place < form.size(); ++place) found |= uint32_t{form[place] == 'd'} << place;
  return found;
}

bool is_rfc3339_z(std::string_view text) noexcept {
  if (text.size() < 20 || text.back() != 'Z' || (text[10] != 'T' && text[10] != 't')) return false;
  constexpr uint32_t kDigits = digits_of("dddd-dd-dd dd:dd:dd");
  const uint32_t found = digits32(text);
  if ((found & kDigits) != kDigits) return false;
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return false;
  if (text.size() == 20) return true;
  if (text.size() <= 32) {
    const uint32_t fraction = (1u << (text.size() - 1)) - (1u << 20);
    return text.size() > 21 && text[19] == '.' && (found & fraction) == fraction;
  }
  return text[19] == '.' && all(text.substr(20, text.size() - 21), is_digit);
}

bool is_month(const char* text) noexcept {
  static constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  bool found = false;
  for (size_t month = 0; month < 36; month += 3) found |= std::memcmp(text, kMonths + month, 3) == 0;
  return found;
}

bool is_clf_time(std::string_view text) noexcept {
  if (text.size() < 27 || text.size() > 28 || text.front() != '[' || text.back() != ']' || !is_digit(text[1]))
    return false;
  const size_t behind_day = text.size() - 25;  // the day has one digit or two
  if (!is_digit(text[behind_day - 1])) return false;
  const char* const rest = text.data() + behind_day;
  constexpr uint32_t kDigits = digits_of("/Mon/dddd:dd:dd:dd +dddd");
  if ((digits32({rest, 24}) & kDigits) != kDigits || !is_month(rest + 1)) return false;
  return rest[0] == '/' && rest[4] == '/' && rest[9] == ':' && rest[12] == ':' && rest[15] == ':' && rest[18] == ' ' &&
         (rest[19] == '+' || rest[19] == '-');
}

// [a-z]+(-[a-z]+)+-[0-9]+
bool is_aws_region(std::string_view text) noexcept {
  size_t words = 0;
  while (true) {
    size_t end = text.find('-');
    std::string_view word = text.substr(0, end);
    if (word.empty()) return false;
    if (end == std::string_view::npos) return words >= 2 && all(word, is_digit);
    if (!all(word, [](char byte) { return byte >= 'a' && byte <= 'z'; })) return false;
    ++words;
    text.remove_prefix(end + 1);
  }
}

// An IPv4 address, or an IPv6 one in brackets, a colon and one to five digits.
bool is_address(std::string_view text) noexcept {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view port = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);
  if (port.empty() || port.size() > 5 || !all(port, is_digit)) return false;
  const bool brackets = host.size() > 1 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  return is_ip(host) && (host.find(':') != std::string_view::npos) == brackets;
}

// Digits, perhaps with a sign before them and a fraction behind them.
bool is_number(std::string_view text) noexcept {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  if (point == 0 || !all(text.substr(0, point), is_digit)) return false;
  return point == text.size() || (point + 1 < text.size() && all(text.substr(point + 1), is_digit));
}

}  // namespace

bool fits(Shape shape, std::string_view text) noexcept {
  switch (shape) {
    case Shape::none:
    case Shape::any:
    case Shape::words: return true;
    case Shape::word: return !text.empty();
    case Shape::hex64: return text.size() == 64 && all16(text, hex);
    case Shape::digits16: return text.size() == 16 && digits(Bytes16(text.data())) == 0xFFFF;
    case Shape::alnum64: return text.size() == 64 && all16(text, alnum);
    case Shape::upper_word: return !text.empty() && text.size() <= 32 && all16(text, upper);
    case Shape::upper: return !text.empty() && all16(text, upper);
    case Shape::rfc3339_z: return is_rfc3339_z(text);
    case Shape::clf_time: return is_clf_time(text);
    case Shape::aws_account_or_null:
      return (text.size() == 12 && all(text, is_digit)) || text == "unknown" || text == "-";
    case Shape::eni_or_null: return text == "-" || starts_with(text, "eni-");
    case Shape::arn: return is_arn(text);
    case Shape::aws_region: return is_aws_region(text);
    case Shape::ip: return is_ip(text);
    case Shape::address: return is_address(text);
    case Shape::number: return is_number(text);
    case Shape::date: return text.size() == 10 && like(text, "dddd-dd-dd");
  }
  return false;
}

bool fits(const Pattern& pattern, std::string_view text) noexcept {
  if (pattern.shape != Shape::words) return fits(pattern.shape, text);
  if (is_short_word(pattern, text)) return true;
  return std::find(pattern.words.begin(), pattern.words.end(), text) != pattern.words.end();
}

// Bytes of every text of the shape; 0 where they are not so many.
size_t width_of(Shape shape) noexcept {
  switch (shape) {
    case Shape::hex64:
    case Shape::alnum64: return 64;
    case Shape::digits16: return 16;
    case Shape::date: return 10;
    default: return 0;
  }
}

Opening::Opening(const Plan& plan, int type)
    : width_(width_of(plan.starts.front().shape)),
      one_(plan.separators.front()),
      other_(plan.separators.back()),
      type_(type) {
  const Pattern& pattern = plan.starts.front();
  for (size_t byte = 0; byte < 256; ++byte) {
    const char text = static_cast<char>(byte);
    const auto begins = [text](const std::string& word) { return word.empty() || word[0] == text; };
    bool may = true;
    if (pattern.shape == Shape::words) may = std::any_of(pattern.words.begin(), pattern.words.end(), begins);
    if (pattern.shape == Shape::hex64) may = is_hex(text);
    if (pattern.shape == Shape::digits16 || pattern.shape == Shape::rfc3339_z) may = is_digit(text);
    if (may) first_[byte / 64] |= uint64_t{1} << (byte % 64);
  }
}

bool starts_fit(const Plan& plan, const Token* tokens, size_t count) noexcept {
  const size_t fields = plan.starts.size();
  if (fields == 0 || count < fields + (plan.separators.size() == 1)) return false;
  for (size_t field = 0; field < fields; ++field) {
    const char before = tokens[field].data[-1];  // of the first one that is not the line's
    if (field != 0 && before != plan.separators.front() && before != plan.separators.back()) return false;
    const Pattern& pattern = plan.starts[field];
    if (pattern.shape == Shape::any || is_short_word(pattern, tokens[field].text())) continue;
    if (!fits(pattern, tokens[field].text())) return false;
  }
  return true;
}

bool starts_fit(const Plan& plan, std::string_view line) noexcept {
  if (plan.starts.empty()) return false;
  const bool runs = plan.separators.size() > 1;
  const char one = plan.separators.front(), other = plan.separators.back();
  auto is_separator = [one, other](char byte) { return byte == one || byte == other; };
  size_t place = 0;
  for (size_t field = 0; field < plan.starts.size(); ++field) {
    const Pattern& pattern = plan.starts[field];
    size_t end = place;
    bool last = field + 1 == plan.starts.size();
    if (pattern.shape == Shape::clf_time) {  // holds a space itself
      end = line.find(']', place);
      end = end == std::string_view::npos ? line.size() : end + 1;
    } else if (const size_t width = width_of(pattern.shape); width != 0) {
      end = place + width;
      if (end > line.size()) return false;
    } else {
      while (end < line.size() && !is_separator(line[end])) ++end;
    }
    if (!fits(pattern, line.substr(place, end - place))) return false;
    if (end == line.size()) return last && runs;
    if (!is_separator(line[end])) return false;
    place = end + 1;
    while (runs && place < line.size() && is_separator(line[place])) ++place;
  }
  return true;
}

size_t export_prefix(std::string_view line) noexcept {
  static constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.dddZ ";
  return like(line, kForm) ? kForm.size() : 0;
}

bool starts_compact(std::string_view line) noexcept { return like(line, "dddddddd dd:dd:dd,"); }

}  // namespace engine
