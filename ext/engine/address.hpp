// IP addresses, and "host:port" texts as load balancers write them.
#pragma once

#include <string_view>

#include "engine/token.hpp"

namespace engine {

// All texts must have kPadding readable bytes behind them.

// Whether the whole text is an IPv4 or IPv6 address without port, brackets or zone.
bool is_ip(std::string_view text) noexcept;
bool is_ipv4(std::string_view text) noexcept;

struct Address {
  Token host;               // absent: none
  Token port;               // digits of a port of 0 to 65535, or absent
  bool host_is_ip = false;  // true: it has been looked at; false says nothing
  bool bad_port = false;    // there is a text in the port's place that is none
};

Address split_host_port(std::string_view text) noexcept;

}  // namespace engine
