// Parameters as programs around PyTorch keep them: safetensors files with PyTorch's names.
//
// The parameter "h/0/ln_1/weight" of a model is the tensor "h.0.ln_1.weight" of the file, with the
// same shape; all names of a file may start with "transformer." or "model.". Numbers are F32, F16
// or BF16, for an f64 model also F64. Left out, because a model makes them itself:
//   *.attn.bias, *.attn.masked_bias   masks of causal attention
//   *.rotary_emb.inv_freq             frequencies of rotary positions
//   lm_head.weight                    for a model that has only wte.weight; it must be equal to
//   that
// States (optimizer moments, running statistics) are not part of it.
#pragma once

#include <gradc/app/instance.h>
#include <gradc/app/safetensors.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gradc::app {

// The files of one model, open. Reading is safe from one thread at a time.
class Weights {
 public:
  // A .safetensors file, or a folder with model.safetensors, or with model.safetensors.index.json
  // and the files that it names. Throws a DataError that says which file is wrong and why, or in
  // what a config.json beside them disagrees with the model.
  Weights(const std::string& path, const core::Model& model);

  // The file, or the index.
  const std::string& path() const { return path_; }
  std::string folder() const;

  // The characters that the model was trained on, where `export` wrote them.
  std::optional<std::string> vocabulary() const;

  // Puts the tensors into the arena. Throws a DataError, before anything is changed, that lists
  // every tensor that is missing, too many, or of another shape or type.
  void load(Instance& instance) const;

 private:
  struct Place {
    const SafetensorsFile* file = nullptr;
    const StoredTensor* tensor = nullptr;
  };

  void open_file();
  void open_index();
  const SafetensorsFile& add_file(const std::string& path);
  const Place* find(const std::string& name) const;
  std::string choose_prefix(const core::Model& model) const;
  void require_tied(const std::string& prefix) const;

  std::string path_;
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  std::map<std::string, Place> places_;
};

enum class WeightType { kF32, kF16, kBf16 };

// Writes the parameters in the form above; `vocabulary` goes with them. Throws a DataError if a
// number is too large for the type, or the disk will not take the file; `path` is then as it was.
void write_weights(const std::string& path, const Instance& instance, WeightType type,
                   const std::optional<std::string>& vocabulary);

}  // namespace gradc::app
