#include "engine/parse.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "simdjson.h"

namespace engine {
namespace {

constexpr int64_t kSecond = 1000000;
constexpr int64_t kFirst = kFirstSecond * kSecond;
constexpr int64_t kLast = kLastSecond * kSecond + 999999;
constexpr uint64_t kZeros = 0x3030303030303030;

std::optional<int64_t> in_years(int64_t time_us) noexcept {
  if (time_us < kFirst || time_us > kLast) return std::nullopt;
  return time_us;
}

// A count of units as microseconds.
template <int64_t scale>
std::optional<int64_t> scaled(std::string_view text) noexcept {
  auto number = parse_int64(text);
  if (!number || *number < kFirst / scale - 1 || *number > kLast / scale + 1) return std::nullopt;
  return in_years(*number * scale);
}

// Two digits at `at`, or 255.
unsigned two(const char* at) noexcept {
  if (!is_digit(at[0]) || !is_digit(at[1])) return 255;
  return static_cast<unsigned>((at[0] - '0') * 10 + (at[1] - '0'));
}

bool leap(unsigned year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Days since 1970 of a date of the proleptic Gregorian calendar, or nothing where there is no such day.
std::optional<int64_t> days(unsigned century, unsigned year, unsigned month, unsigned day) noexcept {
  static constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  static constexpr uint16_t kBefore[] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
  if (century == 255 || year == 255 || month - 1 > 11) return std::nullopt;
  const unsigned full = century * 100 + year;
  if (day - 1 >= kDays[month - 1] && (day != 29 || month != 2 || !leap(full))) return std::nullopt;
  // Years begin in March, so that the leap day ends one; 400 more, so that none is negative.
  const unsigned shifted = full + 400 - (month <= 2);
  const unsigned of_years = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400;
  constexpr int64_t kTo1970 = 719468 + 146097;
  return static_cast<int64_t>(of_years + kBefore[month - 1] + day - 1) - kTo1970;
}

// Seconds of "hh:mm:ss" at `at`, or nothing.
std::optional<int64_t> clock(const char* at) noexcept {
  unsigned hour = two(at), minute = two(at + 3), second = two(at + 6);
  if (at[2] != ':' || at[5] != ':' || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

// Seconds of "+hh:mm" or "+hhmm", or nothing.
std::optional<int64_t> offset(std::string_view text) noexcept {
  bool with_colon = text.size() == 6 && text[3] == ':';
  if (!with_colon && text.size() != 5) return std::nullopt;
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  unsigned hour = two(text.data() + 1), minute = two(text.data() + (with_colon ? 4 : 3));
  if (hour > 23 || minute > 59) return std::nullopt;
  int64_t seconds = hour * 3600 + minute * 60;
  return text[0] == '-' ? -seconds : seconds;
}

// Each byte's digit times ten plus the digit of the byte behind it; bytes must be 0 to 9.
uint64_t pairs(uint64_t digits) noexcept { return digits * 10 + (digits >> 8); }

// Whether the bytes that `places` has ones for are digits, `word` being without their '0'.
bool all_digits(uint64_t word, uint64_t places) noexcept {
  word &= places;
  return ((word | (word + (0x7676767676767676 & places))) & 0x8080808080808080) == 0;
}

unsigned byte_of(uint64_t word, int place) noexcept { return static_cast<unsigned>(word >> (place * 8)) & 0xFF; }

// "YYYY-MM-DDThh:mm:ss" at `at`, as seconds since 1970, or nothing. Three words of eight bytes.
std::optional<int64_t> parse_date_time(const char* at) noexcept {
  const uint64_t first = load8(at) ^ kZeros, second = load8(at + 8) ^ kZeros, third = load8(at + 16) ^ kZeros;
  constexpr uint64_t kDash = '-' ^ '0', kColon = ':' ^ '0';
  constexpr uint64_t kDate = 0x00FFFF00FFFFFFFF, kTime = 0xFFFF00FFFF00FFFF, kRest = 0x0000000000FFFF00;
  if ((first & ~kDate) != (kDash << 56 | kDash << 32) || byte_of(second, 5) != kColon || byte_of(third, 0) != kColon) {
    return std::nullopt;
  }
  if (at[10] != 'T' && at[10] != 't' && at[10] != ' ') return std::nullopt;
  if (!all_digits(first, kDate) || !all_digits(second, kTime) || !all_digits(third, kRest)) return std::nullopt;
  const uint64_t date = pairs(first & kDate), time = pairs(second & kTime);
  const unsigned hour = byte_of(time, 3), minute = byte_of(time, 6), sec = byte_of(pairs(third & kRest), 1);
  if (hour > 23 || minute > 59 || sec > 59) return std::nullopt;
  auto day = days(byte_of(date, 0), byte_of(date, 2), byte_of(date, 5), byte_of(time, 0));
  if (!day) return std::nullopt;
  return *day * 86400 + static_cast<int64_t>(hour * 3600 + minute * 60 + sec);
}

// A fraction of a second from its point on, cut to microseconds, and how many bytes it has; 0 bytes: none.
int64_t parse_fraction(std::string_view text, size_t& size) noexcept {
  size = 0;
  if (text.empty() || text[0] != '.') return 0;
  uint64_t six;
  size_t place = 1;
  int64_t micro = 0;
  if (text.size() >= 7 && detail::eight_digits(detail::load_digits(text.data() + 1, 6), six)) {
    micro = static_cast<int64_t>(six);
    place = 7;
    while (place < text.size() && is_digit(text[place])) ++place;
  } else {
    for (int64_t scale = 100000; place < text.size() && is_digit(text[place]); ++place, scale /= 10) {
      micro += (text[place] - '0') * scale;
    }
  }
  size = place;
  return micro;
}

// 1 to 12 for "Jan" to "Dec" in the upper three bytes of a word, else 0.
unsigned month_of(uint32_t name) noexcept {
  static constexpr char kMonths[][4] = {{0, 'J', 'a', 'n'}, {0, 'F', 'e', 'b'}, {0, 'M', 'a', 'r'}, {0, 'A', 'p', 'r'},
                                        {0, 'M', 'a', 'y'}, {0, 'J', 'u', 'n'}, {0, 'J', 'u', 'l'}, {0, 'A', 'u', 'g'},
                                        {0, 'S', 'e', 'p'}, {0, 'O', 'c', 't'}, {0, 'N', 'o', 'v'}, {0, 'D', 'e', 'c'}};
  unsigned found = 0;
  for (unsigned month = 0; month < 12; ++month) {  // all of them: where it lies cannot be guessed
    uint32_t word;
    std::memcpy(&word, kMonths[month], 4);
    found += word == name ? month + 1 : 0;
  }
  return found;
}

// "[02/May/2024:10:11:12 +0000]", the day of one digit or two.
std::optional<int64_t> parse_clf_us(std::string_view text) noexcept {
  if (text.size() - 27 > 1 || text.front() != '[' || text.back() != ']') return std::nullopt;
  const bool short_day = text.size() == 27;
  const char* at = text.data() + text.size() - 25;  // behind the day
  const unsigned day = short_day ? (is_digit(at[-1]) ? static_cast<unsigned>(at[-1] - '0') : 255) : two(at - 2);
  const uint64_t first = load8(at + 4) ^ kZeros, second = load8(at + 12) ^ kZeros, third = load8(at + 20) ^ kZeros;
  constexpr uint64_t kSlash = '/' ^ '0', kColon = ':' ^ '0', kSpace = ' ' ^ '0';
  constexpr uint64_t kYearHour = 0xFFFF00FFFFFFFF00, kMinuteSecond = 0x0000FFFF00FFFF00, kZone = 0x00000000FFFFFFFF;
  if (at[0] != '/' || (first & ~kYearHour) != (kColon << 40 | kSlash) || (at[19] != '+' && at[19] != '-') ||
      (second & ~kMinuteSecond & ~(uint64_t{0xFF} << 56)) != (kSpace << 48 | kColon << 24 | kColon)) {
    return std::nullopt;
  }
  if (!all_digits(first, kYearHour) || !all_digits(second, kMinuteSecond) || !all_digits(third, kZone)) {
    return std::nullopt;
  }
  const uint64_t year_hour = pairs(first & kYearHour), minute_second = pairs(second & kMinuteSecond);
  const uint64_t zone = pairs(third & kZone);
  const unsigned hour = byte_of(year_hour, 6), minute = byte_of(minute_second, 1), sec = byte_of(minute_second, 4);
  const unsigned zone_hour = byte_of(zone, 0), zone_minute = byte_of(zone, 2);
  if (hour > 23 || minute > 59 || sec > 59 || zone_hour > 23 || zone_minute > 59) return std::nullopt;
  uint32_t month;
  std::memcpy(&month, at, 4);
  auto date = days(byte_of(year_hour, 1), byte_of(year_hour, 3), month_of(month ^ '/'), day);
  if (!date) return std::nullopt;
  int64_t ahead = static_cast<int64_t>(zone_hour * 3600 + zone_minute * 60);
  if (at[19] == '-') ahead = -ahead;
  return in_years((*date * 86400 + static_cast<int64_t>(hour * 3600 + minute * 60 + sec) - ahead) * kSecond);
}

// Milliseconds with a fraction or an exponent, cut to microseconds towards zero.
std::optional<int64_t> parse_decimal_ms(std::string_view text) noexcept {
  if (!parse_float64(text)) return std::nullopt;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  int64_t exponent = 3;  // to microseconds
  if (e != text.size()) {
    auto found = parse_int64(text.substr(e + 1));
    if (!found || *found > 400 || *found < -400) found = text[e + 1] == '-' ? -400 : 400;
    exponent += *found;
    text = text.substr(0, e);
  }
  const size_t point = std::min(text.find('.'), text.size());
  int64_t places = static_cast<int64_t>(point) + exponent, value = 0;
  for (size_t at = 0; at < text.size() && places > 0; ++at) {
    if (at == point) continue;
    if (value > kLast) return std::nullopt;
    value = value * 10 + (text[at] - '0');
    --places;
  }
  for (; places > 0 && value != 0; --places) {
    if (value > kLast) return std::nullopt;
    value *= 10;
  }
  return in_years(negative ? -value : value);
}

// "20240502 10:11:12"
std::optional<int64_t> parse_compact_us(std::string_view text) noexcept {
  if (text.size() != 17 || text[8] != ' ') return std::nullopt;
  const char* at = text.data();
  auto day = days(two(at), two(at + 2), two(at + 4), two(at + 6));
  auto second = clock(at + 9);
  if (!day || !second) return std::nullopt;
  return in_years((*day * 86400 + *second) * kSecond);
}

}  // namespace

std::optional<int64_t> detail::parse_long_int64(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  uint64_t value = 0;
  for (char byte : text) {
    if (!is_digit(byte)) return std::nullopt;
    uint64_t digit = static_cast<uint64_t>(byte - '0');
    if (value > (most - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return negative ? static_cast<int64_t>(0 - value) : static_cast<int64_t>(value);
}

std::optional<double> parse_float64(std::string_view text) noexcept {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (text.size() - 3 < 6 && text[1] == '.') {  // "0.123" and the like
    const uint64_t without_point = (load8(text.data()) & ~uint64_t{0xFFFF}) | static_cast<uint64_t>(text[0]) << 8;
    uint64_t value;
    if (detail::eight_digits((without_point ^ 0x3030303030303000) << (64 - text.size() * 8), value)) {
      return static_cast<double>(value) / kPowers[text.size() - 2];
    }
  }
  const char* at = text.data();
  const char* end = at + text.size();
  bool negative = at != end && *at == '-';
  const char* unsigned_text = at + (at != end && (*at == '-' || *at == '+') ? 1 : 0);
  at = unsigned_text;
  uint64_t digits = 0;
  const char* begin = at;
  for (; at != end && is_digit(*at); ++at) digits = digits * 10 + static_cast<uint64_t>(*at - '0');
  if (at == begin) return std::nullopt;
  int64_t seen = at - begin;
  int64_t fraction = 0;
  if (at != end && *at == '.') {
    begin = ++at;
    for (; at != end && is_digit(*at); ++at) digits = digits * 10 + static_cast<uint64_t>(*at - '0');
    fraction = at - begin;
    if (fraction == 0) return std::nullopt;
    seen += fraction;
  }
  bool exponent = at != end && (*at == 'e' || *at == 'E');
  if (exponent) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    begin = at;
    while (at != end && is_digit(*at)) ++at;
    if (at == begin) return std::nullopt;
  }
  if (at != end) return std::nullopt;
  if (!exponent && seen <= 19 && digits <= (uint64_t{1} << 53) && fraction <= 22) {
    double value = static_cast<double>(digits) / kPowers[fraction];  // both exact, so rounded once
    return negative ? -value : value;
  }
  double value = simdjson::internal::from_chars(unsigned_text, end);
  if (!std::isfinite(value)) return std::nullopt;
  return negative ? -value : value;
}

std::optional<bool> parse_bool(std::string_view text) noexcept {
  auto is = [text](const char* word, size_t size) {
    if (text.size() != size) return false;
    for (size_t place = 0; place < size; ++place) {
      if ((text[place] | 0x20) != word[place]) return false;
    }
    return true;
  };
  if (is("true", 4)) return true;
  if (is("false", 5)) return false;
  return std::nullopt;
}

std::optional<int64_t> parse_rfc3339_us(std::string_view text) noexcept {
  if (text.size() < 19) return std::nullopt;
  auto seconds = parse_date_time(text.data());
  if (!seconds) return std::nullopt;
  std::string_view rest = text.substr(19);
  size_t size;
  const int64_t micro = parse_fraction(rest, size);
  if (size == 1) return std::nullopt;
  rest.remove_prefix(size);
  int64_t zone = 0;
  if (!rest.empty() && !(rest.size() == 1 && (rest[0] == 'Z' || rest[0] == 'z'))) {
    auto found = offset(rest);
    if (!found) return std::nullopt;
    zone = *found;
  }
  return in_years((*seconds - zone) * kSecond + micro);
}

std::optional<int64_t> parse_time_us(std::string_view text, Time form) noexcept {
  switch (form) {
    case Time::none: return std::nullopt;
    case Time::rfc3339: return parse_rfc3339_us(text);
    case Time::clf: return parse_clf_us(text);
    case Time::unix_s: return parse_unix_s(text);
    case Time::unix_ms: {
      auto whole = scaled<1000>(text);
      return whole ? whole : parse_decimal_ms(text);
    }
    case Time::unix_us: return scaled<1>(text);
    case Time::digits_us:
      if (text.empty() || !is_digit(text[0])) return std::nullopt;
      return scaled<1>(text);
    case Time::compact: return parse_compact_us(text);
  }
  return std::nullopt;
}

}  // namespace engine
