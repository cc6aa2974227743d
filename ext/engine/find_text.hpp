// Text to indicators found anywhere in it (specification, section 10). Marks of 64 bytes at a time say where something
// may begin; only there the text is looked at.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/masks.hpp"
#include "engine/token.hpp"

namespace engine {

class Hits;

class TextFinder {
 public:
  // Adds what is in the text to the hits; kPadding bytes behind it are readable.
  void find(std::string_view text, Hits& hits);

 private:
  // A piece of the text, from the first byte to behind the last.
  struct Span {
    size_t begin, end;
  };
  // A kind of bytes, as the bits of 64 of them.
  using Kind = uint64_t (*)(const TextMarks&);
  static uint64_t of_run(const TextMarks& marks) noexcept { return marks.word | marks.dot | marks.dash; }
  static uint64_t of_word(const TextMarks& marks) noexcept { return marks.word; }
  static uint64_t of_hex(const TextMarks& marks) noexcept { return marks.hex; }
  // What nearly all of an ARN is.
  static uint64_t of_arn(const TextMarks& marks) noexcept { return of_run(marks) | marks.colon; }
  static uint64_t of_dot(const TextMarks& marks) noexcept { return marks.dot; }
  static uint64_t of_dash(const TextMarks& marks) noexcept { return marks.dash; }
  // What domain names have in a label.
  static uint64_t of_label(const TextMarks& marks) noexcept { return (marks.word & ~marks.odd) | marks.dash; }
  static uint64_t of_address(const TextMarks& marks) noexcept { return marks.hex | marks.colon | marks.dot; }

  template <Kind kind>
  size_t begin_of(size_t at) const noexcept;
  template <Kind kind>
  size_t end_of(size_t at) const noexcept;
  // The 64 bytes from `at` on, and those before it.
  template <Kind kind>
  uint64_t from(size_t at) const noexcept {
    return kind(marks_[at / 64]) >> (at % 64) | kind(marks_[at / 64 + 1]) << 1 << (63 - at % 64);
  }
  template <Kind kind>
  uint64_t before(size_t at) const noexcept {
    return kind(marks_[at / 64]) << (63 - at % 64) << 1 | kind(*(marks_ + at / 64 - 1)) >> (at % 64);
  }
  template <Kind kind>
  uint64_t bits_of(Span span) const noexcept;
  bool is(uint64_t TextMarks::* kind, size_t at) const noexcept {
    return (marks_[at / 64].*kind >> (at % 64) & 1) != 0;
  }
  bool word_at(size_t at) const noexcept { return is(&TextMarks::word, at); }
  bool word_before(size_t at) const noexcept { return at != 0 && word_at(at - 1); }
  // Whether a dot or dash stands there with a word character behind it.
  bool joins(size_t at) const noexcept { return (text_[at] == '.' || text_[at] == '-') && word_at(at + 1); }
  Span trimmed(Span run) const noexcept;

  bool hide_escapes();
  void find_hosts(bool users);
  size_t behind_user(size_t at) const noexcept;
  size_t find_host(size_t at);
  void find_emails();
  void find_email(size_t at);
  void take(std::vector<Span>& spans, Span span);
  void find_others();
  uint64_t between_digits(size_t block) const noexcept;
  uint64_t beyond_run(size_t block) const noexcept;
  void find_at(size_t at);
  void find_run(size_t at);
  void find_address(size_t at);
  void find_arn(size_t colon);
  void find_instance(size_t dash);
  void find_hash(size_t at);
  bool is_version(size_t begin) const noexcept;
  void add_name(Span name);
  bool is_name(Span span, bool any_ending) const noexcept;
  bool has_labels(Span name) const noexcept;
  bool is_taken(Span span) const noexcept;
  std::string_view text_of(Span span) const noexcept { return {text_.data() + span.begin, span.end - span.begin}; }

  std::string_view text_;
  Hits* hits_ = nullptr;
  std::vector<TextMarks> room_;
  TextMarks* marks_ = nullptr;  // in the room: one that is empty before those of the text, one behind them
  std::vector<Span> taken_;  // hosts of URLs and e-mail addresses, in which nothing else is sought; in order
  std::vector<Span> emails_;
  // Places behind what was looked at: runs, addresses and those found, ARNs, hashes.
  size_t run_done_ = 0, address_done_ = 0, address_found_ = 0, arn_done_ = 0, hash_done_ = 0;
};

}  // namespace engine
