// Columns to tokens: rows that came as an Arrow array, such as those of a Parquet delivery. The columns' names stand
// in the place of a header; from the tokens on a row is read as if it had been a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/arrow_c.h"
#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

class LineReader;

class ColumnarReader {
 public:
  explicit ColumnarReader(LineReader& reader) noexcept : reader_(reader) {}

  // Takes the names of the columns, normalised; false where no log type that is delivered so is told by them.
  bool open(const std::vector<std::string>& names);
  // Whether the log type has something to do with the column at a place among the names.
  bool wanted(size_t place) const noexcept { return wanted_[place]; }
  // Reads the rows of a struct from `begin` on, which is the row `first_row` of the input (they count from 0), until
  // their text is `enough` bytes: `bytes` is how many they were, and the count of rows comes back. The struct's
  // children stand at `places` among the names; they are strings (perhaps int32 places in a dictionary of them), int32
  // or int64, as `kinds` say.
  int64_t read(const ArrowArray& rows, const std::vector<int>& places, const std::vector<Kind>& kinds, int64_t begin,
               int64_t first_row, size_t enough, size_t& bytes);

 private:
  struct Cells {
    const uint8_t* valid = nullptr;
    const int32_t* indices = nullptr;  // of strings that a dictionary holds
    int64_t words = 0;                 // in that dictionary
    const int32_t* begins = nullptr;   // of strings, in `data`
    const char* data = nullptr;
    int32_t wide = 0;   // of strings: one that ends here or before has kPadding bytes behind it
    bool ascii = true;  // of strings: all of them
    int64_t offset = 0;
    Kind kind = Kind::string;
    size_t place = 0;

    Token text(int64_t row, char* digits, bool& narrow) const noexcept;
  };
  Cells cells_of(const ArrowArray& column, int64_t offset, size_t place, Kind kind, std::string& padded) const;
  void take(int64_t row);
  void write();
  std::string_view text() const noexcept;
  void repair();
  void append(int64_t place);

  LineReader& reader_;
  int type_ = -1;
  std::vector<bool> wanted_;
  std::vector<Cells> cells_;
  std::vector<std::string> padded_;  // of columns with little text: all of it
  std::vector<Token> tokens_;    // of the row, by place
  std::vector<char> digits_;     // of its numbers
  size_t size_ = 0;              // of it as a line would have it
  bool narrow_ = false;          // there are no kPadding bytes behind one of its values
  bool ascii_ = true;            // so are all rows
  std::string text_, repaired_;  // it as a line would have it, of one that is too long the begin; kPadding bytes behind
};

}  // namespace engine
