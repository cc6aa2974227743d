#include "engine/address.hpp"

#include <cstdint>
#include <cstring>

namespace engine {
namespace {

bool is_hex(char byte) noexcept {
  return is_digit(byte) || static_cast<unsigned char>((byte | 0x20) - 'a') < 6;
}

// For eight bytes, the top bit of each that equals `byte`.
uint64_t equal_tops(uint64_t word, char byte) noexcept {
  constexpr uint64_t kLow = 0x7F7F7F7F7F7F7F7F;
  word ^= 0x0101010101010101 * static_cast<unsigned char>(byte);
  return ~((((word & kLow) + kLow) | word) | kLow);
}

// The top bit of each byte as eight bits.
unsigned gather(uint64_t tops) noexcept { return static_cast<unsigned>((tops >> 7) * 0x0102040810204080 >> 56); }

// Zero where the `size` bytes at `at` are a part: one to three digits, 0 to 255, no leading zero. Without
// branches: sizes of parts cannot be guessed.
uint32_t part_fault(const char* at, uint32_t size) noexcept {
  uint32_t word;
  std::memcpy(&word, at, 4);
  const uint32_t shift = (32 - size * 8) & 31;
  const uint32_t digits = (word << shift) ^ (0x30303030u << shift);  // the last digit in the top byte
  const uint32_t wrong = (digits | (digits + (0x76767676u << shift))) & 0x80808080u;
  const uint32_t value = (digits >> 24) + (digits >> 16 & 0xFF) * 10 + (digits >> 8 & 0xFF) * 100;
  const uint32_t leading = static_cast<uint32_t>(size > 1) & static_cast<uint32_t>((digits >> shift & 0xFF) == 0);
  return wrong | static_cast<uint32_t>(value > 255) | leading | static_cast<uint32_t>(size - 1 > 2);
}

// Four parts of one to three digits, 0 to 255, without leading zeros.
bool is_ipv4(std::string_view text) noexcept {
  const uint32_t size = static_cast<uint32_t>(text.size());
  if (text.size() < 7 || text.size() > 15) return false;
  const char* at = text.data();
  uint32_t dots = gather(equal_tops(load8(at), '.')) | gather(equal_tops(load8(at + 8), '.')) << 8;
  dots &= (1u << size) - 1;
  const uint32_t behind_first = dots & (dots - 1), behind_second = behind_first & (behind_first - 1);
  if (behind_second == 0 || (behind_second & (behind_second - 1)) != 0) return false;
  const uint32_t first = static_cast<uint32_t>(lowest_bit(dots));
  const uint32_t second = static_cast<uint32_t>(lowest_bit(behind_first));
  const uint32_t third = static_cast<uint32_t>(lowest_bit(behind_second));
  return (part_fault(at, first) | part_fault(at + first + 1, second - first - 1) |
          part_fault(at + second + 1, third - second - 1) | part_fault(at + third + 1, size - third - 1)) == 0;
}

// Groups of one to four hex digits, at most one "::", perhaps an IPv4 address for the last two.
bool is_ipv6(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > 45) return false;
  const char* at = text.data();
  const char* end = at + text.size();
  int groups = 0;
  bool gap = false;
  if (at[0] == ':') {
    if (at[1] != ':') return false;
    gap = true;
    at += 2;
    if (at == end) return true;
  }
  while (true) {
    const char* begin = at;
    while (at != end && is_hex(*at) && at - begin < 5) ++at;
    if (at != end && *at == '.') {
      groups += 2;
      return is_ipv4({begin, static_cast<size_t>(end - begin)}) && (gap ? groups <= 7 : groups == 8);
    }
    if (at == begin || at - begin > 4) return false;
    ++groups;
    if (at == end) return gap ? groups <= 7 : groups == 8;
    if (*at++ != ':' || groups > 7) return false;
    if (at != end && *at == ':') {
      if (gap) return false;
      gap = true;
      if (++at == end) return groups <= 7;
    } else if (at == end) {
      return false;
    }
  }
}

}  // namespace

bool is_ip(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > 45) return false;
  if (is_digit(text[0]) && is_ipv4(text)) return true;
  return text.size() <= 45 && std::memchr(text.data(), ':', text.size() < 5 ? text.size() : 5) != nullptr && is_ipv6(text);
}

namespace {

// 1 to 5 digits, 0 to 65535.
bool is_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5) return false;
  unsigned value = 0;
  for (char byte : text) {
    if (!is_digit(byte)) return false;
    value = value * 10 + static_cast<unsigned>(byte - '0');
  }
  return value <= 65535;
}

Token present(std::string_view text) noexcept {
  if (text.empty() || text == "-") return {};
  return {text.data(), text.size()};
}

void set_port(Address& address, std::string_view text) noexcept {
  if (is_port(text)) {
    address.port = {text.data(), text.size()};
  } else {
    address.bad_port = !text.empty() && text != "-";
  }
}

}  // namespace

Address split_host_port(std::string_view text) noexcept {
  Address address;
  size_t close = text.empty() || text.front() != '[' ? std::string_view::npos : text.find(']');
  if (close != std::string_view::npos) {
    address.host = present(text.substr(1, close - 1));
    std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() == ':') {
      set_port(address, rest.substr(1));
    } else {
      address.bad_port = !rest.empty();
    }
    return address;
  }
  size_t last = text.rfind(':');
  if (last == std::string_view::npos) {
    address.host = present(text);
    return address;
  }
  std::string_view host = text.substr(0, last), port = text.substr(last + 1);
  if (is_port(port) && is_ip(host)) {
    address.host = present(host);
    set_port(address, port);
  } else if (!is_ip(text) && text.find(':') == last) {
    address.host = present(host);
    set_port(address, port);
  } else {
    address.host = present(text);
  }
  return address;
}

}  // namespace engine
