#include "engine/address.hpp"

#include <cstdint>
#include <cstring>

#include "engine/bytes16.hpp"

namespace engine {

// Four parts of one to three digits, 0 to 255, without leading zeros. All parts at once, since their sizes
// cannot be guessed: bit b of each mask speaks of byte b.
bool is_ipv4(std::string_view text) noexcept {
  if (text.size() < 7 || text.size() > 15) return false;
  const Bytes16 bytes(text.data());
  const uint32_t size = static_cast<uint32_t>(text.size());
  const uint32_t here = (1u << size) - 1;
  const uint32_t dots = bytes.equal('.') & here;
  const uint32_t digits = (bytes.above('0' - 1) & ~bytes.above('9')) & here;
  const uint32_t two_dots = dots & (dots - 1);
  const uint32_t one_dot = two_dots & (two_dots - 1);
  const uint32_t starts = (1u | dots << 1) & digits;
  const uint32_t three = starts & digits >> 1 & digits >> 2;       // parts of three digits
  const uint32_t of_200 = three & bytes.equal('2');
  const uint32_t of_250 = of_200 << 1 & bytes.equal('5');
  const uint32_t above_5 = bytes.above('5');
  uint32_t wrong = here & ~(dots | digits);
  wrong |= one_dot == 0 ? 1u : one_dot & (one_dot - 1);            // three dots, not more
  wrong |= (1u | dots << 1) & ~digits & (here << 1 | 1u);          // each part begins with a digit
  wrong |= digits & digits >> 1 & digits >> 2 & digits >> 3;       // four digits
  wrong |= starts & bytes.equal('0') & digits >> 1;                // leading zeros
  wrong |= three & bytes.above('2');                               // 300 and more
  wrong |= (of_200 << 1 | of_250 << 1) & above_5;                  // 256 to 299
  return wrong == 0;
}

namespace {

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
  return find_byte(text.substr(0, 5), ':') != std::string_view::npos && is_ipv6(text);
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
  size_t last = text.size();
  while (last > 0 && text[last - 1] != ':') --last;
  if (last-- == 0) {
    address.host = present(text);
    return address;
  }
  std::string_view host = text.substr(0, last), port = text.substr(last + 1);
  const bool valid_port = is_port(port);
  if (valid_port && is_ip(host)) {
    address.host = {host.data(), host.size()};
    address.port = {port.data(), port.size()};
    address.host_is_ip = true;
  } else if (!is_ip(text) && find_byte(text, ':') == last) {
    address.host = present(host);
    set_port(address, port);
  } else {
    address.host = present(text);
  }
  return address;
}

}  // namespace engine
