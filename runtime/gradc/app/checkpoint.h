// model.safetensors of a run's folder: the parameters, the states, and the facts below.
#pragma once

#include <gradc/app/instance.h>
#include <gradc/app/run_folder.h>
#include <gradc/app/safetensors.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gradc::app {

// What a run must know, besides its tensors, to go on as if it had never stopped.
struct RunFacts {
  std::string model;
  std::int64_t step = 0;   // steps done
  std::int64_t steps = 0;  // steps planned
  std::int64_t batch = 0;
  std::uint64_t seed = 0;
  std::string data;  // the path as given; empty for built-in or generated data
  std::uint64_t data_hash = 0;
  std::optional<std::string> vocabulary = {};        // UTF-8, in order
  std::optional<std::uint64_t> tokenizer_hash = {};  // of the files beside the checkpoint
  Settings settings = {};
};

void save_checkpoint(const std::string& folder, const Instance& instance, const RunFacts& facts);

// Reads the facts alone. Throws a DataError for a file that no run wrote.
RunFacts read_facts(const SafetensorsFile& file);

// Throws a DataError if the file holds another model, or one of other numbers (config.h).
void require_model(const SafetensorsFile& file, const core::Model& model);

// Puts the file's tensors into the arena. Throws a DataError, before anything is changed, that
// lists every tensor that is missing, too many, or of another shape or type.
void load_tensors(const SafetensorsFile& file, Instance& instance);

// Opens the checkpoint of `folder` and says, if there is none, how to make one.
std::unique_ptr<SafetensorsFile> open_checkpoint(const std::string& folder);

}  // namespace gradc::app
