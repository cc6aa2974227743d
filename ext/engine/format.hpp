// Values as text. Pure functions; none allocates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engine {

// The most bytes that format_time writes: a year may have seven characters.
constexpr size_t kTimeBytes = 32;

// Microseconds since 1970 as "YYYY-MM-DD hh:mm:ss.nnnnnnnnn" in UTC; returns the bytes written. Years outside of 0000
// to 9999 are written with the characters that they need.
size_t format_time(int64_t time_us, char* out) noexcept;

}  // namespace engine
