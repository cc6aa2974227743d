// Bytes that may not be UTF-8, and texts for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

bool is_ascii(std::string_view text) noexcept;
bool is_utf8(std::string_view text) noexcept;

// `text` with U+FFFD for each maximal ill-formed part, as Python's decode("utf-8", "replace") has it.
std::string repair_utf8(std::string_view text);

// Appends a code point.
void put_utf8(std::string& out, uint32_t point);

// At most 60 bytes of `text` between quotes, everything but printable ASCII escaped.
std::string excerpt(std::string_view text);

}  // namespace engine
