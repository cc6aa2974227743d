// Host names in punycode to Unicode (RFC 3492).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace engine {

// The name with its xn-- labels decoded, as UTF-8; nothing where it has none or one does not decode.
std::optional<std::string> decode_punycode(std::string_view name);

}  // namespace engine
