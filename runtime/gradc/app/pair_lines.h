// Pairs of a source and a target, one a line with a tab between them, as tokens.
#pragma once

#include <gradc/app/dataset.h>

#include <cstdint>
#include <span>
#include <vector>

namespace gradc::app {

struct PairLines {
  struct Pair {
    std::uint32_t source, target, end;  // where each begins in `tokens`, and where the target ends
  };

  std::span<const std::int32_t> source(const Pair& pair) const {
    return std::span(tokens).subspan(pair.source, pair.target - pair.source);
  }
  std::span<const std::int32_t> target(const Pair& pair) const {
    return std::span(tokens).subspan(pair.target, pair.end - pair.target);
  }

  Vocabulary vocabulary{true, {}};
  std::vector<std::int32_t> tokens;
  std::vector<Pair> pairs;
};

// Throws a DataError if the source is not lines of pairs, if the model has no room for one, or not
// for the characters; `narrowest` is the input with the fewest classes. Empty lines are no pairs.
PairLines read_pair_lines(const core::Model& model, const core::TensorInfo& narrowest,
                          const Source& source, const DatasetOptions& options);

// A source by itself, where nothing else gives one: `name` and `place` are for messages. Throws a
// DataError if it is empty, too long, or has a character that the vocabulary of `owner` has not.
std::vector<std::int32_t> encode_source(const core::Model& model, const Vocabulary& vocabulary,
                                        const std::string& owner, std::string_view text,
                                        const std::string& name, std::int64_t line);

}  // namespace gradc::app
