// Whether the tensors of a file are those of a model, and what to say where they are not.
#pragma once

#include <gradc/app/safetensors.h>
#include <gradc/app/tensor.h>

#include <string>
#include <vector>

namespace gradc::app {

// How numbers may lie in a file.
enum class Accepts {
  kSame,      // in the model's own type only
  kAnyFloat,  // in any type of real numbers that holds no more than the model's
};

// "F32", "F64", "I32"
std::string dtype_of(core::Element element);

bool accepts(Accepts accepted, const std::string& dtype, core::Element element);

// What is wrong with `stored` (null: it is not there), which is to be `tensor`; empty for nothing.
std::string misfit(const std::string& name, const StoredTensor* stored,
                   const core::TensorInfo& tensor, Accepts accepted);

// The line about a tensor that no model asks for.
std::string unknown_tensor(const StoredTensor& stored);

// Throws a DataError about all `lines`, if there are any.
void require_fit(const std::string& path, const core::Model& model,
                 const std::vector<std::string>& lines);

}  // namespace gradc::app
