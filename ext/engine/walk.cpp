// The walkers over JSON values (specification, sections 4.4 and 10): every string at any depth, by the key it
// stands under. Arrays hand their key on to what is in them, which has it not for its own.
#include <algorithm>
#include <numeric>

#include "engine/bytes16.hpp"
#include "engine/json_row.hpp"

namespace engine {
namespace {

// Most texts that may end so differ in the last byte but one.
bool ends_with(std::string_view text, std::string_view end) noexcept {
  if (text.size() < end.size() || (end.size() > 1 && text[text.size() - 2] != end[end.size() - 2])) return false;
  return text.substr(text.size() - end.size()) == end;
}

}  // namespace

bool same_in_any_case(std::string_view text, std::string_view small) noexcept {
  return text.size() == small.size() && std::equal(text.begin(), text.end(), small.begin(), [](char a, char b) {
           return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
         });
}

WalkedKeys::WalkedKeys(const std::vector<WalkedKey>& keys) {
  for (const WalkedKey& key : keys) {
    if (key.ending) {
      endings_.push_back(&key);
      last_letters_ |= uint64_t{1} << (key.key.back() & 63);
    } else {
      known_.push_back({key.key + std::string(kPadding, '\0'), key.key.size(), &key});
      ++begin_[slot_of(key.key) + 1];
    }
  }
  const auto slot = [](const Known& known) { return slot_of(known.key->key); };
  std::stable_sort(known_.begin(), known_.end(),
                   [&slot](const Known& left, const Known& right) { return slot(left) < slot(right); });
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
}

// By size, first and last byte.
ENGINE_INLINE size_t WalkedKeys::slot_of(std::string_view key) noexcept {
  if (key.empty()) return 0;
  return (key.size() * 5 + static_cast<unsigned char>(key.front()) + static_cast<unsigned char>(key.back()) * 3) %
         kSlots;
}

const WalkedKey* WalkedKeys::find(std::string_view key) const noexcept {
  const size_t slot = slot_of(key);
  for (size_t place = begin_[slot]; place < begin_[slot + 1]; ++place) {
    const Known& known = known_[place];
    if (known.size == key.size() && same_bytes(known.text.data(), key.data(), key.size())) return known.key;
  }
  return nullptr;
}

Scanner WalkedKeys::by_ending(std::string_view key, Scanner WalkedKey::* scanner) const noexcept {
  if (key.empty() || (last_letters_ >> (key.back() & 63) & 1) == 0) return Scanner::none;
  for (const WalkedKey* known : endings_) {
    if (known->*scanner != Scanner::none && ends_with(key, known->key)) return known->*scanner;
  }
  return Scanner::none;
}

void JsonRow::walk(uint8_t walkers, uint32_t token, const Walked& key, bool own) {
  const char mark = json_->mark(token);
  if (mark == '"') return walk_string(walkers, token, key, own);
  if (mark == '[') return walk_array(walkers, token, key, own);
  if (mark == '{') walk_object(walkers, token, key);
}

void JsonRow::walk_object(uint8_t walkers, uint32_t token, const Walked& key) {
  if ((walkers & kWalkerN) != 0 && key.there && key.text == "tags" && find_tag(token, true)) {
    walkers = static_cast<uint8_t>(walkers & ~kWalkerN);
    if (walkers == 0) return;
  }
  std::string scratch;
  for (uint32_t at = json_->first_key(token); at != 0; at = json_->next_key(at))
    walk_member(walkers, key_text(*json_, at, scratch), at + 2);
}

void JsonRow::walk_member(uint8_t walkers, std::string_view key, uint32_t value) {
  const WalkedKey* const known = keys_.find(key);
  walk(under(walkers, known), value, {key, known, true}, true);
}

void JsonRow::walk_array(uint8_t walkers, uint32_t token, const Walked& key, bool own) {
  const bool by_l = (walkers & kWalkerL) != 0 && own;
  const bool tags = by_l && key.text == "tags", addresses = by_l && key.text == "ipv6Addresses";
  for (uint32_t at = token + 1; json_->mark(at) != ']'; at += json_->mark(at) == ',') {
    const char mark = json_->mark(at);
    if (tags && mark == '{') find_tag(at, false);
    if (addresses && mark == '"') rows_.hits_.find(Scanner::ip, text_of(at));
    walk(walkers, at, key, false);
    at = json_->behind(at);
  }
}

void JsonRow::walk_string(uint8_t walkers, uint32_t token, const Walked& key, bool own) {
  const std::string_view text = text_of(token);
  Hits& hits = rows_.hits_;
  const WalkedKey* const known = key.known;
  const bool arn = starts_with(text, "arn:");
  Scanner by_n = Scanner::none, by_l = Scanner::none;
  if ((walkers & kWalkerN) != 0) {
    by_n = known != nullptr ? known->n : Scanner::none;
    if (by_n == Scanner::none) by_n = keys_.by_ending(key.text, &WalkedKey::n);
    if (by_n == Scanner::none && arn) by_n = Scanner::aws_arn;
    if (by_n != Scanner::none) hits.find(by_n, text);
  }
  if ((walkers & kWalkerMore) != 0 && known != nullptr && known->more != Scanner::none) hits.find(known->more, text);
  if ((walkers & kWalkerL) != 0 && (arn || own)) {
    by_l = arn ? Scanner::aws_arn : known != nullptr ? known->l : Scanner::none;
    if (by_l == Scanner::none) by_l = keys_.by_ending(key.text, &WalkedKey::l);
    if (by_l != by_n && by_l != Scanner::none) hits.find(by_l, text);
  }
  if ((walkers & kWalkerText) == 0) return;
  if (by_n == Scanner::aws_arn || by_l == Scanner::aws_arn) hits.know_arn(text);
  hits.find(Scanner::text, text);
}

// Adds the tag of an object with the strings `key` and `value`; false where it has no such pair.
bool JsonRow::find_tag(uint32_t object, bool any_case) {
  uint32_t found[2] = {kAbsent, kAbsent};
  std::string scratch;
  for (uint32_t at = json_->first_key(object); at != 0; at = json_->next_key(at)) {
    const std::string_view name = key_text(*json_, at, scratch);
    const auto is = [name, any_case](std::string_view word) {
      return any_case ? same_in_any_case(name, word) : name == word;
    };
    if (is("key")) found[0] = at + 2;
    if (is("value")) found[1] = at + 2;
  }
  for (uint32_t token : found) {
    if (token == kAbsent || json_->mark(token) != '"') return false;
  }
  const std::string_view key = text_of(found[0]), value = text_of(found[1]);
  if (any_case ? key.empty() || value.empty() : key.empty() && value.empty()) return false;
  std::string& text = texts_.emplace_back(key);
  text += ':';
  text += value;
  const size_t size = text.size();
  text.append(kPadding, '\0');
  rows_.hits_.find(Scanner::aws_tag, std::string_view(text).substr(0, size));
  return true;
}

}  // namespace engine
