// Bytes to the places of JSON's marks (simdjson's stage 1), and the whole grammar of RFC 8259 over them: also of
// what no column takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.hpp"
#include "engine/token.hpp"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace engine {

constexpr int kMostDepth = 512;  // of a record, its own braces being level 1

// Thrown by a check: a quote or a control character stands directly behind a scalar, which simdjson's index does not
// show.
struct NeedsBytes {};

// What became of the value that begins at a token.
struct JsonCheck {
  Code code = Code::ok;  // ok, syntax, too_deep; more: it goes on behind the bytes at hand
  uint32_t behind = 0;   // of a whole value (also one too deep): the token behind it
  size_t place = 0;      // of a fault
};

// The tokens of a piece of JSON text: brackets, colons, commas, and where strings and scalars begin.
class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();

  // Finds the tokens of `size` bytes, the first of which is no blank, kPadding readable ones behind them. A string
  // that does not end in them is no token. With `last`, no more bytes follow; else it may be the tokens of fewer bytes.
  void build(const char* data, size_t size, bool last);

  // The same byte by byte: for bytes that simdjson refuses, and where `check` asks for it.
  void build_slowly();

  const char* data() const noexcept { return data_; }
  uint32_t count() const noexcept { return count_; }
  size_t place(uint32_t token) const noexcept { return places_[token]; }
  char mark(uint32_t token) const noexcept { return data_[places_[token]]; }
  // Whether simdjson did not take the bytes: some are no UTF-8, or a string holds a control character.
  bool refused() const noexcept { return refused_; }
  // Whether a string was open at the end of the bytes.
  bool open_string() const noexcept { return open_string_; }
  // Whether nothing is wrong with it so far.
  bool cut_string_is_good() const;
  // Whether the tokens end where a value follows another without a comma.
  bool adjacent() const noexcept { return adjacent_; }

  // Checks the value that begins at the token; of its brackets the closing ones, and of its keys those behind them, are
  // known afterwards.
  JsonCheck check(uint32_t token);

  // Of a checked object: its first key, and the key behind one; 0 where there is none.
  uint32_t first_key(uint32_t object) const noexcept { return close_[object] == object + 1 ? 0 : object + 1; }
  uint32_t next_key(uint32_t key) const noexcept { return close_[key] >> 1; }

  // Of a checked value: the token behind it, and the place behind its last byte.
  uint32_t behind(uint32_t token) const noexcept {
    const char byte = mark(token);
    return byte == '{' || byte == '[' ? close_[token] + 1 : token + 1;
  }
  size_t end(uint32_t token) const noexcept {
    const char byte = mark(token);
    if (byte == '{' || byte == '[') return places_[close_[token]] + 1;
    return token_end(token);
  }
  // A checked value as it stands.
  std::string_view raw(uint32_t token) const noexcept { return {data_ + places_[token], end(token) - places_[token]}; }
  // What stands between the quotes of a string.
  std::string_view inside(uint32_t token) const noexcept {
    return {data_ + places_[token] + 1, token_end(token) - places_[token] - 2};
  }
  // Whether a checked string holds a backslash.
  bool escaped(uint32_t token) const noexcept { return (close_[token] & 1) != 0; }

  static bool is_white(char byte) noexcept { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

 private:
  // An array or object that is open while it is checked, and of an object the last key.
  struct Open {
    uint32_t bracket, key;
  };
  Open* more_open();
  bool build_to_brace(size_t size);
  void build_whole(size_t size);
  // Place behind a string or scalar: behind it are blanks only.
  size_t token_end(uint32_t token) const noexcept {
    size_t end = places_[token + 1];
    while (is_white(data_[end - 1])) --end;
    return end;
  }
  bool has_controls() const noexcept;
  bool closes(size_t place) const noexcept;
  size_t first_bad(size_t begin, size_t end) const noexcept;
  bool good_string(uint32_t token) noexcept;
  bool good_scalar(uint32_t token) const;
  bool cut_scalar(uint32_t token) const noexcept;

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
  size_t room_ = 0;  // bytes that the stage has room for
  const char* data_ = nullptr;
  size_t size_ = 0;
  const uint32_t* places_ = nullptr;  // one more than the tokens: the end, or where an open string begins
  uint32_t count_ = 0;
  bool last_ = false, open_string_ = false;
  bool refused_ = false, slow_ = false;
  bool adjacent_ = false;  // the tokens end before a value that no comma parts from the one before
  std::vector<uint32_t> slow_places_;
  std::vector<size_t> bad_;  // control characters in strings, in order
  size_t escape_ = 0, escape_from_ = 0;  // place of the first backslash from a place on, or the end
  // Of a bracket its partner; of a string whether it holds a backslash, and of a key besides, from the second bit on,
  // the next one.
  std::vector<uint32_t> close_;
  std::vector<Open> open_ = std::vector<Open>(64);
};

// Whether the inside of a string holds no bad escape.
bool good_escapes(std::string_view inside) noexcept;
// Whether the text is a number of RFC 8259.
bool is_json_number(std::string_view text) noexcept;
// Appends the inside of a string, unescaped; unpaired surrogates become U+FFFD.
void unescape(std::string& out, std::string_view inside);

}  // namespace engine
