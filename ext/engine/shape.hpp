// What a text looks like: the fixed vocabulary of shapes that tables name, and which log type a line is.
#pragma once

#include <string_view>

#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

// Texts and lines must have kPadding readable bytes behind them.

bool fits(Shape shape, std::string_view text) noexcept;
bool fits(const Pattern& pattern, std::string_view text) noexcept;

// Whether the line's first fields are as the plan's `detect` says, each behind the separator.
bool starts_fit(const Plan& plan, std::string_view line) noexcept;

// "YYYY-MM-DDThh:mm:ss.mmmZ " at the start of a CloudWatch Logs export line; its size, or 0.
size_t export_prefix(std::string_view line) noexcept;

// Whether the line's first field is a compact time.
bool starts_compact(std::string_view line) noexcept;

}  // namespace engine
