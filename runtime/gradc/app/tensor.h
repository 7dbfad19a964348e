// Tensors in an arena: lookup by name, plain row-major copies, and single values as doubles.
//
// The arena's layout is the model's affair (offsets, strides, padding); everything outside it, in
// files and in messages, is row-major at the largest batch.
#pragma once

#include <gradc/core/model.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gradc::app {

// Null if there is none.
const core::TensorInfo* find_tensor(const core::Model& model, core::Role role,
                                    std::string_view name);

std::vector<const core::TensorInfo*> tensors_of(const core::Model& model, core::Role role);

std::int64_t element_count(const core::TensorInfo& tensor);

inline std::int64_t byte_count(const core::TensorInfo& tensor) {
  return element_count(tensor) * core::bytes_of(tensor.element);
}

// "f32", "f64", "i32"
std::string_view element_name(core::Element element);

// "[32, 10]"
std::string shape_text(std::span<const std::int64_t> shape);
std::string shape_text(const core::TensorInfo& tensor);  // the batch as "batch"

inline std::span<const std::int64_t> shape_of(const core::TensorInfo& tensor) {
  return {tensor.shape, static_cast<std::size_t>(tensor.rank)};
}

template <class T>
T* data_of(std::byte* arena, const core::TensorInfo& tensor) {
  return reinterpret_cast<T*>(arena + tensor.offset);
}

// Between the arena and a row-major block of byte_count(tensor) bytes.
void copy_out(const std::byte* arena, const core::TensorInfo& tensor, std::byte* plain);
void copy_in(std::byte* arena, const core::TensorInfo& tensor, const std::byte* plain);

// Row-major values, converted. An i32 value is rounded towards zero.
std::vector<double> values_of(const std::byte* arena, const core::TensorInfo& tensor);
void set_values(std::byte* arena, const core::TensorInfo& tensor, std::span<const double> values);

// Where the row-major element `index` lies, in elements from the tensor's start.
std::int64_t position_of(const core::TensorInfo& tensor, std::int64_t index);

// The first values.size() elements along the last axis, from the element `first` on, which is
// counted from the tensor's start.
void read_row(const std::byte* arena, const core::TensorInfo& tensor, std::int64_t first,
              std::span<double> values);

// The value of a scalar, or of any tensor's first element.
double scalar_of(const std::byte* arena, const core::TensorInfo& tensor);
void set_scalar(std::byte* arena, const core::TensorInfo& tensor, double value);

bool is_scalar(const core::TensorInfo& tensor);

}  // namespace gradc::app
