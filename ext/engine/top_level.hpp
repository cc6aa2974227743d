// The labels that end domain names: IANA's top-level domains, and those of one's own network.
#pragma once

#include <string_view>

namespace engine {

enum class TopLevel : unsigned char {
  none,
  domain,
  file_ending,  // a domain too, but mostly the ending of a file's name
};

// What a label, in any case, is as the last one of a name; kPadding bytes behind it are readable.
TopLevel top_level(std::string_view label) noexcept;

}  // namespace engine
