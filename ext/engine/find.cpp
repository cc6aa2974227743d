#include "engine/find.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "engine/bytes16.hpp"
#include "engine/parse.hpp"
#include "engine/punycode.hpp"

namespace engine {
namespace {

std::string_view trim(std::string_view text) noexcept {
  if (text.empty() ||
      (static_cast<unsigned char>(text.front()) > ' ' && static_cast<unsigned char>(text.back()) > ' ')) {
    return text;
  }
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Eight bytes of the text from `at` on as a number that orders as the bytes do, zeros behind its end.
uint64_t order_key(const Token& token, size_t at) noexcept {
  if (token.size <= at) return 0;
  size_t left = token.size - at;
  uint64_t word = load8(token.data + at);
  if (left < 8) word &= (uint64_t{1} << (left * 8)) - 1;
  return swap_bytes(word);
}

ENGINE_INLINE int compare(const Token& left, const Token& right) noexcept {
  for (size_t at = 0; at < 16; at += 8) {
    uint64_t left_key = order_key(left, at), right_key = order_key(right, at);
    if (left_key != right_key) return left_key < right_key ? -1 : 1;
  }
  size_t common = std::min(left.size, right.size);
  int order = common <= 16 ? 0 : std::memcmp(left.data + 16, right.data + 16, common - 16);
  if (order != 0) return order;
  return left.size < right.size ? -1 : (left.size > right.size ? 1 : 0);
}

// Of so many they are sorted one by one.
constexpr size_t kFewFound = 24;

// Sorts a few and drops doubles; returns how many are left.
size_t sort_few(Token* values, size_t count) noexcept {
  uint64_t keys[kFewFound];
  size_t kept = 0;
  for (size_t next = 0; next < count; ++next) {
    const Token value = values[next];
    const uint64_t key = order_key(value, 0);
    int order = -1;  // of the one before the place
    size_t place = kept;
    for (; place != 0; --place) {
      order = keys[place - 1] != key ? (keys[place - 1] < key ? -1 : 1) : compare(values[place - 1], value);
      if (order <= 0) break;
    }
    if (place != 0 && order == 0) continue;
    for (size_t at = kept++; at != place; --at) {
      keys[at] = keys[at - 1];
      values[at] = values[at - 1];
    }
    keys[place] = key;
    values[place] = value;
  }
  return kept;
}

// `text` behind its first `count` colons, or nothing.
const char* behind_colons(std::string_view text, int count) noexcept {
  for (size_t at = 0; at < text.size(); at += 16) {
    uint32_t colons = Bytes16(text.data() + at).equal(':') & within16(text.size(), at);
    for (; colons != 0; colons &= colons - 1) {
      if (--count == 0) return text.data() + at + lowest_bit(colons) + 1;
    }
  }
  return nullptr;
}

// Place behind the first "://" of a text, or 0 where there is none or nothing before it.
size_t behind_scheme(std::string_view text) noexcept {
  const Bytes16 bytes(text.data());
  const uint32_t slashes = bytes.equal('/');
  const uint32_t found = bytes.equal(':') & slashes >> 1 & slashes >> 2;
  size_t colon = found == 0 ? text.find("://") : static_cast<size_t>(lowest_bit(found));
  return colon == 0 || colon == std::string_view::npos || colon + 2 >= text.size() ? 0 : colon + 3;
}

}  // namespace

bool is_arn(std::string_view text) noexcept { return starts_with(text, "arn:") && behind_colons(text, 5) != nullptr; }

void Hits::collect(const std::array<bool, kIndicators>& kinds) noexcept {
  wanted_ = 0;
  for (int kind = 0; kind < kIndicators; ++kind) wanted_ |= static_cast<uint32_t>(kinds[kind]) << kind;
}

void Hits::clear() noexcept {
  known_address_ = Token{};  // one by one: as a chain, the second would be read before it is written, and wait
  known_arn_ = Token{};
  for (; filled_ != 0; filled_ &= filled_ - 1) found_[lowest_bit(filled_)].count = 0;
  if (!kept_.empty()) kept_.clear();
}

std::string_view Hits::keep(std::string_view text) {
  auto copy = std::make_unique<char[]>(text.size() + kPadding);
  std::memcpy(copy.get(), text.data(), text.size());
  std::memset(copy.get() + text.size(), 0, kPadding);
  kept_.push_back(std::move(copy));
  return {kept_.back().get(), text.size()};
}

void Hits::add_domain(std::string_view text) {
  text = trim(text);
  uint32_t dashes = 0;  // two in a row, the second of them in these sixteen bytes
  uint32_t last = 0;
  for (size_t at = 0; at < text.size(); at += 16) {
    const Bytes16 bytes(text.data() + at);
    const uint32_t here = within16(text.size(), at);
    const uint32_t blank = (bytes.above(-1) & ~bytes.above(' ')) | bytes.equal(0x7F);  // control characters too
    if ((blank & here) != 0) return;
    const uint32_t dash = bytes.equal('-') & here;
    dashes |= dash & (dash << 1 | last);
    last = dash >> 15;
  }
  add_name(text, dashes != 0);
}

void Hits::add_name(std::string_view text, bool dashes) {
  if (dashes && text.find("xn--") != std::string_view::npos) {
    if (auto decoded = decode_punycode(text)) return add(Indicator::domain_names, keep(*decoded));
  }
  add(Indicator::domain_names, text);
}

void Hits::add_host(std::string_view text) {
  text = trim(text);
  if (is_ip(text)) return add(Indicator::ip_addresses, text);
  add_domain(text);
}

void Hits::add_hash(Indicator indicator, std::string_view text, size_t size) {
  text = trim(text);
  if (text.size() != size || !std::all_of(text.begin(), text.end(), is_hex)) return;
  bool lower = std::none_of(text.begin(), text.end(), [](char byte) { return byte >= 'A' && byte <= 'F'; });
  if (lower) return add(indicator, text);
  std::string lowered(text);
  for (char& byte : lowered) {
    if (byte >= 'A' && byte <= 'F') byte = static_cast<char>(byte + 32);
  }
  add(indicator, keep(lowered));
}

void Hits::add_url(std::string_view text) {
  const size_t behind = behind_scheme(text);
  if (behind == 0) return;
  text.remove_prefix(behind);
  bool user = false, port = false;
  for (size_t at = 0; at < text.size(); at += 16) {
    const Bytes16 bytes(text.data() + at);
    const uint32_t ends = bytes.equal('/') | bytes.equal('?') | bytes.equal('#') | bytes.equal('\\');
    const uint32_t here = ends == 0 ? 0xFFFF : (ends & (0 - ends)) - 1;
    user |= (bytes.equal('@') & here) != 0;
    port |= (bytes.equal(':') & here) != 0;
    if (ends == 0) continue;
    text = text.substr(0, at + static_cast<size_t>(lowest_bit(ends)));
    break;
  }
  if (user) text.remove_prefix(text.rfind('@') + 1);  // a mark behind the text may have been seen: then none is found
  if (text.empty()) return;
  if (text.front() == '[') {
    const size_t close = text.find(']');
    if (close != std::string_view::npos) add_host(text.substr(1, close - 1));
    return;
  }
  add_host(port ? text.substr(0, find_byte(text, ':')) : text);
}

void Hits::add_net_addr(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.front() == '[') {
    size_t end = text.find(']');
    if (end != std::string_view::npos) return add_host(text.substr(1, end - 1));
  }
  size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon == text.rfind(':')) return add_host(text.substr(0, colon));
  add_host(text);
}

void Hits::add_account(std::string_view text) {
  uint64_t value;
  if (text.size() != 12) return;
  if (detail::eight_digits(detail::load_digits(text.data(), 8), value) &&
      detail::eight_digits(detail::load_digits(text.data() + 4, 8), value)) {
    const Found& found = found_[static_cast<int>(Indicator::aws_account_ids)];
    const char* last = found.count == 0 ? nullptr : found.values[found.count - 1].data;
    if (last != nullptr && std::memcmp(last, text.data(), 12) == 0) return;  // mostly it is the same one again
    add(Indicator::aws_account_ids, text);
  }
}

void Hits::add_instance(std::string_view text) {
  if (starts_with(text, "i-")) add(Indicator::aws_instance_ids, text);
}

// Adds what an ARN holds; returns its resource, or nothing where it is no ARN.
std::string_view Hits::add_arn(std::string_view text) {
  if (!starts_with(text, "arn:")) return {};
  const char* account = behind_colons(text, 4);
  if (account == nullptr) return {};
  const char* const end = text.data() + text.size();
  const char* resource = behind_colons({account, static_cast<size_t>(end - account)}, 1);
  if (resource == nullptr) return {};
  add(Indicator::aws_arns, text);
  add_account({account, static_cast<size_t>(resource - account - 1)});
  std::string_view rest(resource, static_cast<size_t>(end - resource));
  if (starts_with(rest, "instance/")) add_instance(rest.substr(rest.rfind('/') + 1));
  return rest;
}

void Hits::add_principal(std::string_view text) {
  add_account(text);
  std::string_view rest = add_arn(text);
  if (starts_with(rest, "user/")) add(Indicator::usernames, trim(rest.substr(rest.rfind('/') + 1)));
}

void Hits::find(Scanner scanner, std::string_view text) {
  switch (scanner) {
    case Scanner::none: return;
    case Scanner::ip: {
      if (text.data() == known_address_.data && text.size() == known_address_.size)
        return add(Indicator::ip_addresses, text);
      std::string_view trimmed = trim(text);
      if (is_ip(trimmed)) add(Indicator::ip_addresses, trimmed);
      return;
    }
    case Scanner::domain: return add_domain(text);
    case Scanner::dns_last_word: text.remove_prefix(text.rfind(' ') + 1); [[fallthrough]];
    case Scanner::dns_name:
      if (!text.empty() && text.back() == '.') text.remove_suffix(1);
      return add_domain(text);
    case Scanner::domain_raw: return add(Indicator::domain_names, text);
    case Scanner::hostname: return add_host(text);
    case Scanner::url: return add_url(text);
    case Scanner::net_addr: return add_net_addr(text);
    case Scanner::md5: return add_hash(Indicator::md5_hashes, text, 32);
    case Scanner::sha1: return add_hash(Indicator::sha1_hashes, text, 40);
    case Scanner::sha256: return add_hash(Indicator::sha256_hashes, text, 64);
    case Scanner::trace_id: return add(Indicator::trace_ids, trim(text));
    case Scanner::trace_root: {
      size_t root = starts_with(text, "Root=") ? 0 : text.find("Root=");
      if (root == std::string_view::npos) return;
      text.remove_prefix(root + 5);
      return add(Indicator::trace_ids, trim(text.substr(0, find_byte(text, ';'))));
    }
    case Scanner::arn_only:
      if (is_arn(text)) add(Indicator::aws_arns, text);
      return;
    case Scanner::aws_arn: add_arn(text); return;
    case Scanner::aws_principal: return add_principal(text);
    case Scanner::aws_account_id: return add_account(text);
    case Scanner::aws_instance_id: return add_instance(text);
    case Scanner::aws_tag: return add(Indicator::aws_tags, text);
    case Scanner::email:
      if (find_byte(text, '@') != std::string_view::npos) add(Indicator::emails, trim(text));
      return;
    case Scanner::username: return add(Indicator::usernames, trim(text));
    case Scanner::text: return text_.find(text, *this);
  }
}

const Token* Hits::sort_found(Found& found, size_t& count) {
  Token* values = found.values.data();
  if (count == 2) {
    const Token first = values[0], second = values[1];
    const int order = compare(first, second);
    const bool swap = order > 0;  // which is smaller cannot be guessed, so it is no branch
    values[0].data = swap ? second.data : first.data;
    values[0].size = swap ? second.size : first.size;
    values[1].data = swap ? first.data : second.data;
    values[1].size = swap ? first.size : second.size;
    count = order == 0 ? 1 : 2;
  } else if (count <= kFewFound) {
    count = sort_few(values, count);
  } else {
    std::sort(values, values + count, [](const Token& left, const Token& right) { return compare(left, right) < 0; });
    const Token* last = std::unique(values, values + count,
                                    [](const Token& left, const Token& right) { return compare(left, right) == 0; });
    count = static_cast<size_t>(last - values);
  }
  return values;
}

}  // namespace engine
