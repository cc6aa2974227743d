#include "engine/batch.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace engine {
namespace {

// What one array owns besides the batch's buffers.
struct Node {
  std::shared_ptr<BatchBuffers> buffers;
  const void* pointers[3] = {nullptr, nullptr, nullptr};
  std::vector<ArrayOwner> children;
  std::vector<ArrowArray*> child_pointers;
};

void release_node(ArrowArray* array) {
  delete static_cast<Node*>(array->private_data);  // its children too, but for those that a consumer moved away
  array->release = nullptr;
  array->private_data = nullptr;
}

// An array of `rows`; the caller sets its buffers in the node that comes back.
ArrayOwner make_array(int64_t rows, int buffers, const std::shared_ptr<BatchBuffers>& owner, Node*& node) {
  auto held = std::make_unique<Node>();
  held->buffers = owner;
  ArrayOwner array(new ArrowArray{});
  array->length = rows;
  array->n_buffers = buffers;
  array->buffers = held->pointers;
  array->release = release_node;
  node = held.get();
  array->private_data = held.release();
  return array;
}

void add_child(ArrowArray& array, Node& node, ArrayOwner child) {
  node.children.push_back(std::move(child));
  node.child_pointers.push_back(node.children.back().get());
  array.n_children = static_cast<int64_t>(node.child_pointers.size());
  array.children = node.child_pointers.data();
}

const void* share(BatchBuffers& buffers, std::shared_ptr<const Block> block) {
  const void* data = block->data();
  buffers.shared.push_back(std::move(block));
  return data;
}

int buffers_of(Kind kind) noexcept { return kind == Kind::string ? 3 : (kind == Kind::structure ? 1 : 2); }

// A column that no row filled: every buffer is the pool's block of zeros.
void point_at_zeros(ArrowArray& array, Node& node, Kind kind, Pool& pool) {
  size_t rows = static_cast<size_t>(array.length);
  auto zeros = pool.zeros((rows + 1) * 8);
  const void* data = share(*node.buffers, std::move(zeros));
  array.null_count = array.length;
  for (int place = 0; place < buffers_of(kind); ++place) node.pointers[place] = data;
}

}  // namespace

ArrayOwner finish_column(Column& column, int64_t rows, Pool& pool, const std::shared_ptr<BatchBuffers>& buffers) {
  Node* node;
  Kind kind = column.kind();
  ArrayOwner array = make_array(rows, buffers_of(kind), buffers, node);
  int64_t valid = column.finish(rows);
  int64_t child_rows = 0;
  if (valid == 0) {
    point_at_zeros(*array, *node, kind, pool);
  } else {
    array->null_count = rows - valid;
    if (array->null_count != 0) node->pointers[0] = column.validity();
    if (kind != Kind::structure) node->pointers[1] = column.values();
    if (kind == Kind::list) child_rows = static_cast<const int32_t*>(column.values())[rows];
    if (kind == Kind::string) node->pointers[2] = column.data() != nullptr ? column.data() : column.values();
  }
  if (kind == Kind::structure) child_rows = rows;
  for (size_t place = 0; place < column.children().size(); ++place) {
    add_child(*array, *node, finish_column(column.child(place), child_rows, pool, buffers));
  }
  return array;
}

ArrayOwner finish_struct(std::vector<ArrayOwner> columns, int64_t rows, const std::shared_ptr<BatchBuffers>& buffers) {
  Node* node;
  ArrayOwner array = make_array(rows, 1, buffers, node);
  node->children.reserve(columns.size());
  for (ArrayOwner& column : columns) add_child(*array, *node, std::move(column));
  return array;
}

Constant::Constant(const std::string* text, std::shared_ptr<Pool> pool)
    : null_(text == nullptr || text->empty()), text_(null_ ? std::string() : *text), pool_(std::move(pool)) {}

void Constant::make(int64_t rows) {
  if (null_ || rows <= rows_) return;
  rows += rows / 4;
  size_t size = text_.size();
  Block offsets(static_cast<size_t>(rows + 1) * 4);
  Block data(static_cast<size_t>(rows) * size);
  for (int64_t row = 0; row <= rows; ++row) {
    reinterpret_cast<int32_t*>(offsets.data())[row] = static_cast<int32_t>(row * static_cast<int64_t>(size));
    if (row < rows) std::memcpy(data.data() + static_cast<size_t>(row) * size, text_.data(), size);
  }
  offsets_ = std::make_shared<const Block>(std::move(offsets));
  data_ = std::make_shared<const Block>(std::move(data));
  rows_ = rows;
}

ArrayOwner Constant::array(int64_t rows, const std::shared_ptr<BatchBuffers>& buffers) {
  Node* node;
  ArrayOwner array = make_array(rows, 3, buffers, node);
  if (null_) {
    point_at_zeros(*array, *node, Kind::string, *pool_);
    return array;
  }
  make(rows);
  node->pointers[1] = share(*buffers, offsets_);
  node->pointers[2] = share(*buffers, data_);
  return array;
}

BatchMaker::BatchMaker(const Plan& plan, int64_t parse_time_us, const std::string* source_id,
                       const std::string* source_label, std::shared_ptr<Pool> pool)
    : plan_(plan),
      parse_time_us_(parse_time_us),
      pool_(std::move(pool)),
      log_type_(&plan.log_type, pool_),
      source_id_(source_id, pool_),
      source_label_(source_label, pool_) {}

void BatchMaker::make_parse_times(int64_t rows) {
  size_t size = static_cast<size_t>(rows) * 8;
  if (parse_times_ && parse_times_->size() >= size) return;
  Block values(size);
  std::fill_n(reinterpret_cast<int64_t*>(values.data()), values.size() / 8, parse_time_us_);
  parse_times_ = std::make_shared<const Block>(std::move(values));
}

void BatchMaker::share_with(BatchMaker& other, int64_t rows) {
  for (auto constant : {&BatchMaker::log_type_, &BatchMaker::source_id_, &BatchMaker::source_label_}) {
    (other.*constant).make(rows);
    this->*constant = other.*constant;
  }
  if (other.parse_time_us_ != parse_time_us_) return;
  other.make_parse_times(rows);
  parse_times_ = other.parse_times_;
}

ArrayOwner BatchMaker::parse_times(int64_t rows, const std::shared_ptr<BatchBuffers>& buffers) {
  make_parse_times(rows);
  Node* node;
  ArrayOwner array = make_array(rows, 2, buffers, node);
  node->pointers[1] = share(*buffers, parse_times_);
  return array;
}

ArrayOwner BatchMaker::finish_added(const AddedPlan& added, RowBuilder& rows,
                                    const std::shared_ptr<BatchBuffers>& buffers) {
  switch (added.what) {
    case Added::log_type: return log_type_.array(rows.rows_, buffers);
    case Added::row_id: return finish_column(rows.row_ids_, rows.rows_, *pool_, buffers);
    case Added::event_time: return finish_column(rows.event_times_, rows.rows_, *pool_, buffers);
    case Added::parse_time: return parse_times(rows.rows_, buffers);
    case Added::source_id: return source_id_.array(rows.rows_, buffers);
    case Added::source_label: return source_label_.array(rows.rows_, buffers);
    case Added::indicator:
      return finish_column(rows.indicators_[static_cast<int>(added.indicator)], rows.rows_, *pool_, buffers);
  }
  return nullptr;
}

ArrayOwner BatchMaker::finish(RowBuilder& rows, size_t& size_bytes) {
  auto buffers = std::make_shared<BatchBuffers>();
  std::vector<ArrayOwner> columns;
  for (size_t place = 0; place < plan_.columns.size(); ++place) {
    if (plan_.columns[place].built) columns.push_back(finish_column(rows.columns_[place], rows.rows_, *pool_, buffers));
  }
  for (const AddedPlan& added : plan_.added) {
    if (added.built) columns.push_back(finish_added(added, rows, buffers));
  }
  ArrayOwner batch = finish_struct(std::move(columns), rows.rows_, buffers);
  buffers->own = rows.take_arena();
  size_bytes = buffers->own->used();
  return batch;
}

}  // namespace engine
