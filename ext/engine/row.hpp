// Tokens to one row: every column of the program, the indicators, the added columns. A row is appended
// whole or not at all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/column.hpp"
#include "engine/find.hpp"
#include "engine/plan.hpp"
#include "engine/program.hpp"
#include "engine/status.hpp"
#include "engine/token.hpp"

namespace engine {

// One batch under construction.
class RowBuilder {
 public:
  RowBuilder(const Plan& plan, bool given, const uint8_t* stream_id, int64_t parse_time_us, size_t batch_bytes,
             std::shared_ptr<Pool> pool);

  // Appends a row, or says why not. `quick`: anything that would be a warning, or a rejection, is `odd`.
  // `tokens` has room for the program's tokens, and for its parts before them; tokens from `count` on
  // are made absent.
  template <bool quick>
  Status append(const Program& program, Token* tokens, size_t count, int64_t offset);

  // Rows whose event time is not in [since, until) are left out.
  void set_window(int64_t since_us, int64_t until_us) noexcept {
    since_us_ = since_us;
    until_us_ = until_us;
  }
  // Whether the last append was such a row, and all is as before.
  bool left_out() const noexcept { return left_out_; }

  // Rows are to come that are like those of another reader of the same plan, so many times as many: makes room for
  // them, or for a batch; returns for how many, 0 where the other had none.
  int64_t expect_like(const RowBuilder& other, double times);

  int64_t rows() const noexcept { return rows_; }
  size_t size_bytes() const noexcept;
  // The text that made the last append fail.
  std::string_view fault() const noexcept { return fault_.text(); }
  // Values turned null, by column of the plan.
  const std::vector<int64_t>& warnings() const noexcept { return warnings_; }

 private:
  friend class BatchMaker;
  friend class JsonRow;

  template <bool quick>
  Code append_values(const Program& program, Token* tokens, size_t count);
  template <bool quick>
  Code append_other(const Program& program, const Op& op, Token* tokens, size_t count);
  template <bool quick>
  Code append_integer(const Op& op, std::string_view text);
  template <bool quick>
  Code append_floating(const Op& op, std::string_view text);
  template <bool quick>
  Code append_boolean(const Op& op, std::string_view text);
  template <bool quick>
  Code append_time(const Op& op, std::string_view text);
  template <bool quick>
  Code split_address(const Op& op, std::string_view text, Token* tokens);
  Code split_request(const Op& op, std::string_view text, Token* tokens);
  Code append_null(const Op& op, Token* tokens) noexcept;
  void append_list(const Op& op, std::string_view text);
  void append_unmapped(const Program& program, const Op& op, const Token* tokens, size_t count);
  template <bool quick>
  Code unfit(const Op& op, std::string_view text);
  Code reject(Code code, const Op& op, std::string_view text) noexcept;
  bool is_null(const Op& op, const Token& token) const noexcept;
  bool is_long_null(const Op& op, const Token& token) const noexcept;
  void take_time(const Op& op, int64_t time_us) {
    if (op.event < 0 || (event_place_ >= 0 && op.event >= event_place_)) return;
    event_place_ = op.event;
    event_value_ = time_us;
  }
  void find(const Op& op, std::string_view text) {
    for (int scanner = 0; scanner < op.scanner_count; ++scanner) hits_.find(op.scanners[scanner], text);
  }
  int64_t event_time() const noexcept { return event_place_ >= 0 ? event_value_ : parse_time_us_; }
  bool leaves_out(int64_t time_us) noexcept { return left_out_ = time_us < since_us_ || time_us >= until_us_; }
  void take_back() noexcept;
  void commit(int64_t offset);
  void put_row_id(int64_t offset);
  template <typename Do>
  void each_column(Do&& what);
  void make_room();
  void give_room();
  // The memory of the rows so far; the builder begins anew.
  std::unique_ptr<Arena> take_arena();
  void set_arena();

  const Plan& plan_;
  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Arena> arena_;
  size_t expected_bytes_ = 0;  // of a batch, as the last one was that was no rest; the same for its buffers, and rows
  size_t expected_size_ = 0;
  int64_t expected_rows_ = 0;
  bool learnt_ = false;  // from a batch of its own
  const bool given_;
  const size_t batch_bytes_;
  const int64_t parse_time_us_;
  std::vector<Column> columns_;
  std::vector<Column> indicators_;
  Column row_ids_, event_times_;
  bool want_row_id_ = false, want_event_time_ = false;
  int64_t rows_ = 0, room_ = 0;
  Hits hits_;
  char row_id_[20];  // the part that all rows share
  int64_t since_us_ = 0, until_us_ = 0;
  bool left_out_ = false;
  int64_t event_value_ = 0;
  int event_place_ = -1;  // of the value taken; the first counts
  std::vector<int64_t> warnings_;
  std::vector<int> row_warnings_;
  std::vector<Token> items_;
  std::string text_;
  Token fault_;
  int fault_column_ = -1;
};

}  // namespace engine
