// The walkers over JSON values (specification, sections 4.4 and 10): every string at any depth, by the key it
// stands under. `key` is handed on by arrays, `own_key` is not; null where there is none.
#include <algorithm>

#include "engine/json_row.hpp"

namespace engine {
namespace {

constexpr Scanner kNone = static_cast<Scanner>(255);

struct KeyRule {
  std::string_view key;
  Scanner n, l, more;
};

constexpr KeyRule kRules[] = {
    {"arn", Scanner::aws_arn, kNone, kNone},
    {"ARN", Scanner::aws_arn, kNone, kNone},
    {"aws:SourceArn", Scanner::aws_arn, kNone, kNone},
    {"instanceId", Scanner::aws_instance_id, Scanner::aws_instance_id, kNone},
    {"instance-id", Scanner::aws_instance_id, kNone, kNone},
    {"accountId", Scanner::aws_account_id, Scanner::aws_account_id, kNone},
    {"account", Scanner::aws_account_id, kNone, kNone},
    {"tags", Scanner::aws_tag, kNone, kNone},
    {"ipv6Addresses", Scanner::ip, kNone, kNone},
    {"publicIp", Scanner::ip, Scanner::ip, kNone},
    {"privateIpAddress", Scanner::ip, Scanner::ip, kNone},
    {"ipAddressV4", Scanner::ip, Scanner::ip, kNone},
    {"sourceIPAddress", Scanner::ip, kNone, Scanner::ip},
    {"publicDnsName", Scanner::domain_raw, Scanner::domain_raw, kNone},
    {"privateDnsName", Scanner::domain_raw, Scanner::domain_raw, kNone},
    {"domain", Scanner::domain_raw, Scanner::domain_raw, kNone},
    {"ipAddressV6", kNone, kNone, Scanner::ip},
    {"ipv6Address", kNone, kNone, Scanner::ip},
    {"sourceIpAddress", kNone, kNone, Scanner::ip},
    {"clientIp", kNone, kNone, Scanner::ip},
    {"remoteIp", kNone, kNone, Scanner::ip},
    {"localIp", kNone, kNone, Scanner::ip},
    {"hostname", kNone, kNone, Scanner::hostname},
    {"hostName", kNone, kNone, Scanner::hostname},
    {"dnsName", kNone, kNone, Scanner::hostname},
    {"domainName", kNone, kNone, Scanner::hostname},
    {"clientProvidedHostHeader", kNone, kNone, Scanner::hostname},
    {"userName", kNone, kNone, Scanner::username},
    {"username", kNone, kNone, Scanner::username},
    {"email", kNone, kNone, Scanner::email},
    {"emailAddress", kNone, kNone, Scanner::email},
};

const KeyRule* rule_of(std::string_view key) noexcept {
  for (const KeyRule& rule : kRules) {
    if (rule.key == key) return &rule;
  }
  return nullptr;
}

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool same_word(std::string_view key, std::string_view word, bool any_case) noexcept {
  return key.size() == word.size() && std::equal(key.begin(), key.end(), word.begin(), [any_case](char a, char b) {
           return a == b || (any_case && a >= 'A' && a <= 'Z' && a + 32 == b);
         });
}

}  // namespace

void JsonRow::walk(uint8_t walkers, uint32_t token, const std::string_view* key, const std::string_view* own_key) {
  const char mark = json_->mark(token);
  if (mark == '"') return walk_string(walkers, token, key, own_key);
  if (mark == '[') return walk_array(walkers, token, key, own_key);
  if (mark == '{') walk_object(walkers, token, key);
}

void JsonRow::walk_object(uint8_t walkers, uint32_t token, const std::string_view* key) {
  if ((walkers & kWalkerN) != 0 && key != nullptr && *key == "tags" && find_tag(token, true)) {
    walkers = static_cast<uint8_t>(walkers & ~kWalkerN);
    if (walkers == 0) return;
  }
  std::string scratch;
  for (uint32_t at = token + 1; json_->mark(at) == '"'; at += json_->mark(at) == ',') {
    const std::string_view name = key_text(*json_, at, scratch);
    walk(walkers, at + 2, &name, &name);
    at = json_->behind(at + 2);
  }
}

void JsonRow::walk_array(uint8_t walkers, uint32_t token, const std::string_view* key,
                         const std::string_view* own_key) {
  const bool by_l = (walkers & kWalkerL) != 0 && own_key != nullptr;
  const bool tags = by_l && *own_key == "tags", addresses = by_l && *own_key == "ipv6Addresses";
  for (uint32_t at = token + 1; json_->mark(at) != ']'; at += json_->mark(at) == ',') {
    const char mark = json_->mark(at);
    if (tags && mark == '{') find_tag(at, false);
    if (addresses && mark == '"') rows_.hits_.find(Scanner::ip, text_of(at));
    walk(walkers, at, key, nullptr);
    at = json_->behind(at);
  }
}

void JsonRow::walk_string(uint8_t walkers, uint32_t token, const std::string_view* key,
                          const std::string_view* own_key) {
  const std::string_view text = text_of(token);
  Hits& hits = rows_.hits_;
  const KeyRule* rule = key != nullptr ? rule_of(*key) : nullptr;
  if ((walkers & kWalkerN) != 0) {
    if (rule != nullptr && rule->n != kNone) {
      hits.find(rule->n, text);
    } else if (key != nullptr && ends_with(*key, "AccountId")) {
      hits.find(Scanner::aws_account_id, text);
    } else if (key != nullptr && ends_with(*key, "InstanceId")) {
      hits.find(Scanner::aws_instance_id, text);
    } else {
      hits.find(Scanner::aws_arn, text);
    }
  }
  if ((walkers & kWalkerMore) != 0 && rule != nullptr && rule->more != kNone) hits.find(rule->more, text);
  if ((walkers & kWalkerL) == 0) return;
  if (starts_with(text, "arn:")) return hits.find(Scanner::aws_arn, text);
  if (own_key == nullptr) return;
  if (rule != nullptr && rule->l != kNone) return hits.find(rule->l, text);
  if (ends_with(*own_key, "InstanceId")) return hits.find(Scanner::aws_instance_id, text);
  if (ends_with(*own_key, "AccountId")) hits.find(Scanner::aws_account_id, text);
}

// Adds the tag of an object with the strings `key` and `value`; false where it has no such pair.
bool JsonRow::find_tag(uint32_t object, bool any_case) {
  uint32_t found[2] = {kAbsent, kAbsent};
  std::string scratch;
  for (uint32_t at = object + 1; json_->mark(at) == '"'; at += json_->mark(at) == ',') {
    const std::string_view name = key_text(*json_, at, scratch);
    if (same_word(name, "key", any_case)) found[0] = at + 2;
    if (same_word(name, "value", any_case)) found[1] = at + 2;
    at = json_->behind(at + 2);
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
