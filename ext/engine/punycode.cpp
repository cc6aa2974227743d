#include "engine/punycode.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/text.hpp"
#include "engine/token.hpp"

namespace engine {
namespace {

constexpr uint32_t kBase = 36, kTMin = 1, kTMax = 26, kSkew = 38, kDamp = 700;
constexpr uint32_t kInitialBias = 72, kInitialN = 128, kNone = 0xffffffff;
constexpr size_t kLongest = 1 << 20;  // a label of more bytes does not decode: memory is bounded
constexpr uint64_t kMostIndex = uint64_t{0x110000} << 32;  // beyond any index that gives a code point

uint32_t digit_of(char byte) noexcept {
  if (byte >= '0' && byte <= '9') return static_cast<uint32_t>(byte - '0') + 26;
  char lower = static_cast<char>(byte | 0x20);
  if (lower >= 'a' && lower <= 'z') return static_cast<uint32_t>(lower - 'a');
  return kNone;
}

uint32_t adapt(uint64_t delta, uint64_t points, bool first) noexcept {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  uint32_t k = 0;
  for (; delta > ((kBase - kTMin) * kTMax) / 2; k += kBase) delta /= kBase - kTMin;
  return k + static_cast<uint32_t>((kBase - kTMin + 1) * delta / (delta + kSkew));
}

// Adds one generalized variable-length integer from `text`; false where it ends early or is too large.
bool take_delta(std::string_view& text, uint32_t bias, uint64_t& index) noexcept {
  uint64_t weight = 1;
  for (uint32_t k = kBase;; k += kBase) {
    if (text.empty()) return false;
    uint32_t digit = digit_of(text.front());
    text.remove_prefix(1);
    if (digit == kNone) return false;
    index += digit * weight;
    if (index > kMostIndex) return false;
    uint32_t threshold = k <= bias ? kTMin : (k >= bias + kTMax ? kTMax : k - bias);
    if (digit < threshold) return true;
    weight = std::min(weight * (kBase - threshold), kMostIndex + 1);  // only a zero may follow so large a weight
  }
}

struct Insertion {
  uint32_t place;
  uint32_t point;
};

// The basic points with the others inserted, each at its place among those before it. The last one stands where it
// was put; the one before it in the so-manieth slot that is left, and so on: a Fenwick tree counts the free slots,
// since moving all points at each insertion would be quadratic.
std::vector<uint32_t> insert_all(std::string_view basic, const std::vector<Insertion>& insertions) {
  const size_t size = basic.size() + insertions.size();
  std::vector<uint32_t> points(size, kNone);
  std::vector<uint32_t> free_slots(size + 1);
  for (size_t node = 1; node <= size; ++node) free_slots[node] = static_cast<uint32_t>(node & (0 - node));
  size_t top = 1;
  while (top <= size / 2) top *= 2;
  for (auto inserted = insertions.rbegin(); inserted != insertions.rend(); ++inserted) {
    size_t slot = 0, before = inserted->place;
    for (size_t step = top; step != 0; step /= 2) {
      if (slot + step > size || free_slots[slot + step] > before) continue;
      slot += step;
      before -= free_slots[slot];
    }
    points[slot] = inserted->point;
    for (size_t node = slot + 1; node <= size; node += node & (0 - node)) --free_slots[node];
  }
  auto byte = basic.begin();
  for (uint32_t& point : points) {
    if (point == kNone) point = static_cast<unsigned char>(*byte++);
  }
  return points;
}

bool decode_label(std::string_view label, std::string& out) {
  if (label.size() > kLongest) return false;
  std::string_view basic;
  size_t dash = label.rfind('-');
  if (dash != std::string_view::npos && dash != 0) {  // RFC 3492 6.2: a delimiter with nothing before it is none
    basic = label.substr(0, dash);
    label.remove_prefix(dash + 1);
  }
  if (std::any_of(basic.begin(), basic.end(), [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; }))
    return false;
  std::vector<Insertion> insertions;
  uint64_t n = kInitialN, index = 0;
  uint32_t bias = kInitialBias;
  while (!label.empty()) {
    const uint64_t old = index, size = basic.size() + insertions.size() + 1;
    if (!take_delta(label, bias, index)) return false;
    bias = adapt(index - old, size, old == 0);
    n += index / size;
    if (n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF)) return false;
    index %= size;
    insertions.push_back({static_cast<uint32_t>(index), static_cast<uint32_t>(n)});
    ++index;
  }
  for (uint32_t point : insert_all(basic, insertions)) put_utf8(out, point);
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
