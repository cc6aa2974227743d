#include "engine/punycode.hpp"

#include <cstdint>
#include <vector>

#include "engine/token.hpp"

namespace engine {
namespace {

constexpr uint32_t kBase = 36, kTMin = 1, kTMax = 26, kSkew = 38, kDamp = 700;
constexpr uint32_t kInitialBias = 72, kInitialN = 128, kNone = 0xffffffff;
constexpr size_t kLongest = 4096;  // a label of more bytes is kept as it is: decoding is quadratic

uint32_t digit_of(char byte) noexcept {
  if (byte >= '0' && byte <= '9') return static_cast<uint32_t>(byte - '0') + 26;
  char lower = static_cast<char>(byte | 0x20);
  if (lower >= 'a' && lower <= 'z') return static_cast<uint32_t>(lower - 'a');
  return kNone;
}

uint32_t adapt(uint32_t delta, uint32_t points, bool first) noexcept {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  uint32_t k = 0;
  for (; delta > ((kBase - kTMin) * kTMax) / 2; k += kBase) delta /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

void put_utf8(std::string& out, uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

// One generalized variable-length integer from `text`; false where it ends early or overflows.
bool take_delta(std::string_view& text, uint32_t bias, uint32_t& index) noexcept {
  uint64_t weight = 1;
  for (uint32_t k = kBase;; k += kBase) {
    if (text.empty()) return false;
    uint32_t digit = digit_of(text.front());
    text.remove_prefix(1);
    if (digit == kNone) return false;
    uint64_t sum = index + digit * weight;
    if (sum > 0x7fffffff) return false;
    index = static_cast<uint32_t>(sum);
    uint32_t threshold = k <= bias ? kTMin : (k >= bias + kTMax ? kTMax : k - bias);
    if (digit < threshold) return true;
    weight *= kBase - threshold;
    if (weight > 0x7fffffff) return false;
  }
}

bool decode_label(std::string_view label, std::string& out) {
  if (label.size() > kLongest) return false;
  std::vector<uint32_t> points;
  size_t dash = label.rfind('-');
  if (dash != std::string_view::npos && dash != 0) {  // RFC 3492 6.2: a delimiter with nothing before it is none
    for (char byte : label.substr(0, dash)) {
      if (static_cast<unsigned char>(byte) >= 0x80) return false;
      points.push_back(static_cast<unsigned char>(byte));
    }
    label.remove_prefix(dash + 1);
  }
  uint32_t n = kInitialN, bias = kInitialBias, index = 0;
  while (!label.empty()) {
    uint32_t old = index;
    if (!take_delta(label, bias, index)) return false;
    uint32_t size = static_cast<uint32_t>(points.size()) + 1;
    bias = adapt(index - old, size, old == 0);
    n += index / size;
    if (n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF)) return false;
    index %= size;
    points.insert(points.begin() + index, n);
    ++index;
  }
  for (uint32_t point : points) put_utf8(out, point);
  return true;
}

bool is_encoded(std::string_view label) noexcept { return starts_with(label, "xn--"); }

}  // namespace

std::optional<std::string> decode_punycode(std::string_view name) {
  std::string out;
  bool any = false;
  while (true) {
    size_t end = name.find('.');
    std::string_view label = name.substr(0, end);
    if (is_encoded(label)) {
      if (!decode_label(label.substr(4), out)) return std::nullopt;
      any = true;
    } else {
      out += label;
    }
    if (end == std::string_view::npos) break;
    out += '.';
    name.remove_prefix(end + 1);
  }
  if (!any) return std::nullopt;
  return out;
}

}  // namespace engine
