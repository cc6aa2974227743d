// Value to indicators: what of a value is an address, a name, an ARN... Rules of the specification,
// section 4; each scanner looks at one whole value, but for `text`, which looks for them anywhere in it.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/address.hpp"
#include "engine/find_text.hpp"
#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

bool is_arn(std::string_view text) noexcept;

// What was found in one row, by p_any_ column. The texts point into the record or into `kept_`.
class Hits {
 public:
  // This very value of the row is an IP address: it need not be looked at again.
  void know_address(const Token& address) noexcept { known_address_ = address; }
  // The scanner aws_arn has had this very value of the row.
  void know_arn(std::string_view arn) noexcept { known_arn_ = {arn.data(), arn.size()}; }
  // Runs the scanner over a value that is not null.
  void find(Scanner scanner, std::string_view text);
  // The values of one kind, sorted by bytes and free of doubles, in place; of that kind nothing is found then.
  const Token* take(int kind, size_t& count) {
    Found& found = found_[kind];
    count = std::exchange(found.count, 0);
    filled_ &= ~(uint32_t{1} << kind);
    return count == 1 ? found.values.data() : sort_found(found, count);
  }
  // A bit for each kind that something was found of.
  uint32_t filled() const noexcept { return filled_; }
  void clear() noexcept;
  // Only these kinds are kept.
  void collect(const std::array<bool, kIndicators>& kinds) noexcept;

 private:
  struct Found {
    size_t count = 0;
    std::vector<Token> values = std::vector<Token>(8);
  };
  friend class TextFinder;
  static const Token* sort_found(Found& found, size_t& count);
  ENGINE_INLINE void add(Indicator indicator, std::string_view text) {
    int kind = static_cast<int>(indicator);
    if ((wanted_ >> kind & 1) == 0 || text.empty()) return;
    Found& found = found_[kind];
    if (found.count == found.values.size()) found.values.resize(found.count * 2);
    found.values[found.count++] = {text.data(), text.size()};
    filled_ |= uint32_t{1} << kind;
  }
  void add_domain(std::string_view text);
  // A name without blanks; `dashes`: it may have two side by side.
  void add_name(std::string_view text, bool dashes);
  void add_host(std::string_view text);
  void add_hash(Indicator indicator, std::string_view text, size_t size);
  void add_url(std::string_view text);
  void add_net_addr(std::string_view text);
  std::string_view add_arn(std::string_view text);
  void add_account(std::string_view text);
  void add_instance(std::string_view text);
  void add_principal(std::string_view text);
  std::string_view keep(std::string_view text);

  std::array<Found, kIndicators> found_;
  uint32_t wanted_ = 0;
  uint32_t filled_ = 0;
  Token known_address_, known_arn_;
  TextFinder text_;
  std::vector<std::unique_ptr<char[]>> kept_;  // decoded names, lowered hashes of the row
};

}  // namespace engine
