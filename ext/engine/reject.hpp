// Rejected records: counted always, kept with reason, place and raw bytes until the caller takes them.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "engine/batch.hpp"
#include "engine/column.hpp"
#include "engine/plan.hpp"
#include "engine/status.hpp"

namespace engine {

struct Rejected {
  const std::string* log_type = nullptr;  // null: unknown
  int64_t record = 0, line = 0, offset = 0, length = 0;
  Code code = Code::ok;
  std::string column;  // empty: none
  std::string message;
  std::string_view raw;
};

class Rejects {
 public:
  Rejects(const std::string* source, std::shared_ptr<Pool> pool);
  void add(const Rejected& rejected);
  // The records since the last call as one batch, or null.
  ArrayOwner take(size_t& size_bytes);

  int64_t waiting() const noexcept { return rows_; }
  int64_t count(Code code) const noexcept { return counts_[static_cast<size_t>(code)]; }
  // The first of the input, without its raw bytes; its code is ok where there was none.
  const Rejected& first() const noexcept { return first_; }

 private:
  void put(int column, std::string_view text);
  void set_arena();

  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Arena> arena_;
  Constant source_;
  std::vector<Column> columns_;
  int64_t rows_ = 0, room_ = 0;
  std::array<int64_t, kCodes> counts_{};
  Rejected first_;
  std::string scratch_;
};

// What a person should know: which value of which column cannot be used, and why.
std::string explain(Status status, const Plan* plan, std::string_view fault);
// The same of lines of a log that is none of the log types.
std::string name_foreign(std::string_view log, int64_t lines);
// The same of a JSON value. `path`: the member at fault; of a cut input `fault` may say why.
std::string explain_json(Status status, const Plan* plan, std::string_view fault, const std::string& path);

}  // namespace engine
