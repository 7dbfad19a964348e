// Examples to train on: who reads them, how they are split, and how they reach a model's inputs.
//
// A data set knows the inputs it feeds by name; making one checks that the model has exactly these,
// of the right shape and type:
//
//   lines  "context" i32 [batch, window], "target" i32 [batch]          one example a character
//   items  "tokens", "target" i32 [batch, window], "weight" [batch, window]   one example a row
//   text   "tokens" i32 [batch, window], "target" i32 [batch, window]   shifted by one
//   csv    "features" [batch, F], "label" [batch]                       one example a row
//   moons  "features" [batch, 2], "label" [batch]                       generated points
//   pairs  "source" i32 [batch, source], "length" i32 [batch],          one example a pair
//          "tokens", "target" i32 [batch, window], "weight" [batch, window]
//
// Immutable once made; any thread may fill any arena.
#pragma once

#include <gradc/app/bpe.h>
#include <gradc/app/source.h>
#include <gradc/app/vocabulary.h>
#include <gradc/core/model.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace gradc::app {

enum class Split { kTrain, kDev, kTest };
inline constexpr int kSplits = 3;
inline constexpr const char* kSplitNames[kSplits] = {"train", "dev", "test"};

// The pairs of a data set as tokens, without boundaries.
class PairTexts {
 public:
  virtual std::span<const std::int32_t> source(Split split, std::uint32_t example) const = 0;
  virtual std::span<const std::int32_t> target(Split split, std::uint32_t example) const = 0;

 protected:
  ~PairTexts() = default;
};

class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::int64_t examples(Split split) const = 0;

  // Writes example examples[i] of `split` into slot i of the inputs. Allocates nothing.
  virtual void fill(Split split, std::span<const std::uint32_t> examples,
                    std::byte* arena) const = 0;

  // How much these examples count in a mean over many: their number of targets.
  virtual double weight(Split, std::span<const std::uint32_t> examples) const {
    return static_cast<double>(examples.size());
  }

  // Hints that `fill` will want these soon.
  virtual void prefetch(Split, std::span<const std::uint32_t>) const {}

  // From one example to the next where each is to count once: examples of a text overlap.
  virtual std::int64_t evaluation_stride() const { return 1; }

  // Null if the data is not made of characters.
  virtual const Vocabulary* vocabulary() const { return nullptr; }

  // Null if the data is not made of pairs.
  virtual const PairTexts* pairs() const { return nullptr; }

  // "32,033 lines, 27 characters"
  virtual std::string summary() const = 0;
};

struct DatasetOptions {
  std::uint64_t seed = 0;
  // Of the checkpoint: the data must do with it. Otherwise the data makes its own.
  std::optional<Vocabulary> vocabulary = {};
  std::shared_ptr<Bpe> bpe = {};      // of a text; without it, the text is one of characters
  std::string vocabulary_owner = {};  // what has the one or the other, for messages: "runs/nplm"
  std::int64_t most_examples = std::numeric_limits<std::uint32_t>::max();
  std::string scratch_folder = {};  // where large things may be put while the program runs
};

bool reads_data(const core::Model& model);  // does it take -i?

// What a model is trained on that is given no file: names, or pairs that the seed decides. Nothing
// if it needs a file.
std::optional<Source> built_in_data(const core::Model& model, std::uint64_t seed);

// Throws a DataError when the data does not suit the model, or the model's inputs not the data set.
std::unique_ptr<Dataset> make_dataset(const core::Model& model, const Source& source,
                                      const DatasetOptions& options);

// Whether the characters of this kind of data set start with a boundary token.
bool has_boundary(const core::Model& model);

// One function a kind; `make_dataset` chooses.
std::unique_ptr<Dataset> make_lines(const core::Model&, const Source&, const DatasetOptions&);
std::unique_ptr<Dataset> make_items(const core::Model&, const Source&, const DatasetOptions&);
std::unique_ptr<Dataset> make_text(const core::Model&, const Source&, const DatasetOptions&);
std::unique_ptr<Dataset> make_csv(const core::Model&, const Source&, const DatasetOptions&);
std::unique_ptr<Dataset> make_moons(const core::Model&, const DatasetOptions&);
std::unique_ptr<Dataset> make_pairs(const core::Model&, const Source&, const DatasetOptions&);

// Which items (lines, rows, points) are in which split: 80, 10 and 10 of a hundred, drawn by the
// seed; or all in the first. Within a split, items keep their order.
struct SplitItems {
  std::vector<std::uint32_t> of[kSplits];
};
SplitItems split_items(const core::Model& model, std::size_t items, std::uint64_t seed);

// Throws a DataError unless a data set of `items` items ("lines") can be split.
void require_items(const core::Model& model, const Source& source, std::size_t items,
                   const char* noun);

}  // namespace gradc::app
