// Buffers to an ArrowArray and its release callback. Every array of a batch holds the batch's buffers,
// so that a consumer may keep one column and drop the rest; the callback runs on any thread and touches
// nothing of the interpreter.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/arrow_c.h"
#include "engine/column.hpp"
#include "engine/row.hpp"

namespace engine {

// Releases what no consumer took.
struct ReleaseArray {
  void operator()(ArrowArray* array) const noexcept {
    if (array->release != nullptr) array->release(array);
    delete array;
  }
};
using ArrayOwner = std::unique_ptr<ArrowArray, ReleaseArray>;

// Memory of one batch: its own, and what it shares with others.
struct BatchBuffers {
  std::unique_ptr<Arena> own;
  std::vector<std::shared_ptr<const Block>> shared;
};

// A column whose every row is the same text, or null: built once, shared by batches.
class Constant {
 public:
  Constant() = default;
  Constant(const std::string* text, std::shared_ptr<Pool> pool);
  ArrayOwner array(int64_t rows, const std::shared_ptr<BatchBuffers>& buffers);
  // Makes as many rows, if they are not there.
  void make(int64_t rows);

 private:
  bool null_ = true;
  std::string text_;
  std::shared_ptr<Pool> pool_;
  int64_t rows_ = 0;
  std::shared_ptr<const Block> offsets_, data_;
};

// The column's rows as an array; its buffers are the batch's from then on.
ArrayOwner finish_column(Column& column, int64_t rows, Pool& pool, const std::shared_ptr<BatchBuffers>& buffers);

// The columns as one struct array.
ArrayOwner finish_struct(std::vector<ArrayOwner> columns, int64_t rows, const std::shared_ptr<BatchBuffers>& buffers);

// Turns a builder's rows into a batch.
class BatchMaker {
 public:
  BatchMaker(const Plan& plan, int64_t parse_time_us, const std::string* source_id, const std::string* source_label,
             std::shared_ptr<Pool> pool);
  // A batch of the builder's rows, which is empty afterwards.
  ArrayOwner finish(RowBuilder& rows, size_t& size_bytes);
  // The constants are those of another reader of the same input, made for batches of about so many rows.
  void share_with(BatchMaker& other, int64_t rows);

 private:
  ArrayOwner finish_added(const AddedPlan& added, RowBuilder& rows, const std::shared_ptr<BatchBuffers>& buffers);
  void make_parse_times(int64_t rows);
  ArrayOwner parse_times(int64_t rows, const std::shared_ptr<BatchBuffers>& buffers);

  const Plan& plan_;
  const int64_t parse_time_us_;
  std::shared_ptr<Pool> pool_;
  Constant log_type_, source_id_, source_label_;
  std::shared_ptr<const Block> parse_times_;
};

}  // namespace engine
