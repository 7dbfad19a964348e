// One item a line, as tokens: what the data sets `lines` and `items` read.
#pragma once

#include <gradc/app/dataset.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gradc::app {

struct LineItems {
  Vocabulary vocabulary{true, {}};
  std::vector<std::int32_t> tokens;  // every item between boundaries, `gap` of them in a row
  std::vector<std::pair<std::size_t, std::size_t>> items;  // first token, one past the last
};

// Throws a DataError if the source is not lines of characters, or not for `narrowest`, the input
// with the fewest classes. Empty lines are no items.
LineItems read_line_items(const core::Model& model, const core::TensorInfo& narrowest,
                          const Source& source, const DatasetOptions& options, std::int64_t gap);

}  // namespace gradc::app
