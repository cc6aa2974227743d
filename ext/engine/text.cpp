#include "engine/text.hpp"

#include <cstdint>

#include "simdjson.h"

namespace engine {
namespace {

// Size of the well-formed sequence at the start of `text`, or 0; `bad` is then the size of the maximal
// ill-formed part (Unicode, table 3-7).
size_t sequence(std::string_view text, size_t& bad) noexcept {
  auto byte = [text](size_t place) -> unsigned {
    return place < text.size() ? static_cast<unsigned char>(text[place]) : 0;
  };
  unsigned first = byte(0), low = 0x80, high = 0xBF;
  size_t size = 0;
  bad = 1;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) size = 2;
  if (first >= 0xE0 && first <= 0xEF) size = 3;
  if (first >= 0xF0 && first <= 0xF4) size = 4;
  if (size == 0) return 0;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (size_t place = 1; place < size; ++place) {
    unsigned next = byte(place);
    if (next < low || next > high) return 0;
    low = 0x80;
    high = 0xBF;
    bad = place + 1;
  }
  return size;
}

}  // namespace

bool is_ascii(std::string_view text) noexcept {
  unsigned char all = 0;
  for (char byte : text) all |= static_cast<unsigned char>(byte);
  return all < 0x80;
}

bool is_utf8(std::string_view text) noexcept { return simdjson::validate_utf8(text.data(), text.size()); }

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    size_t bad;
    size_t size = sequence(text, bad);
    if (size == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(bad);
    } else {
      out.append(text.substr(0, size));
      text.remove_prefix(size);
    }
  }
  return out;
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

std::string excerpt(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  constexpr size_t kMost = 60;
  std::string out = "'";
  for (char byte : text.substr(0, kMost)) {
    unsigned char code = static_cast<unsigned char>(byte);
    if (code >= 0x20 && code < 0x7F) {
      out += byte;
    } else {
      out += "\\x";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    }
  }
  out += text.size() > kMost ? "'..." : "'";
  return out;
}

}  // namespace engine
