#include <fmt/format.h>
#include <gradc/app/tensor.h>

#include <cstring>

namespace gradc::app {
namespace {

using core::Element;
using core::TensorInfo;

// Calls visit(row-major index, position in the arena) for the start of each row along the last
// axis.
template <class Visit>
void for_each_row(const TensorInfo& tensor, Visit&& visit) {
  const int last = tensor.rank - 1;
  const std::int64_t length = tensor.rank == 0 ? 1 : tensor.shape[last];
  const std::int64_t count = element_count(tensor);
  std::int64_t index[core::kMaxRank] = {};
  std::int64_t position = 0;
  for (std::int64_t row = 0; row < count; row += length) {
    visit(row, position);
    for (int axis = last - 1; axis >= 0; --axis) {
      position += tensor.strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      position -= tensor.strides[axis] * tensor.shape[axis];
      index[axis] = 0;
    }
  }
}

std::int64_t row_length(const TensorInfo& tensor) {
  return tensor.rank == 0 ? 1 : tensor.shape[tensor.rank - 1];
}

std::int64_t row_stride(const TensorInfo& tensor) {
  return tensor.rank == 0 ? 1 : tensor.strides[tensor.rank - 1];
}

// Copies elements of `kBytes` bytes; memcpy, because the arena's own type may be another.
template <std::size_t kBytes>
void gather(const std::byte* from, const TensorInfo& tensor, std::byte* plain) {
  const std::int64_t length = row_length(tensor);
  const std::int64_t stride = row_stride(tensor);
  for_each_row(tensor, [&](std::int64_t row, std::int64_t position) {
    for (std::int64_t i = 0; i < length; ++i) {
      std::memcpy(plain + (row + i) * kBytes, from + (position + i * stride) * kBytes, kBytes);
    }
  });
}

template <std::size_t kBytes>
void scatter(std::byte* to, const TensorInfo& tensor, const std::byte* plain) {
  const std::int64_t length = row_length(tensor);
  const std::int64_t stride = row_stride(tensor);
  for_each_row(tensor, [&](std::int64_t row, std::int64_t position) {
    for (std::int64_t i = 0; i < length; ++i) {
      std::memcpy(to + (position + i * stride) * kBytes, plain + (row + i) * kBytes, kBytes);
    }
  });
}

// Calls body with a pointer to the tensor's elements in their type.
template <class Byte, class Body>
decltype(auto) with_elements(Byte* arena, const TensorInfo& tensor, Body&& body) {
  const auto cast = [&]<class T>(T) {
    using Pointer = std::conditional_t<std::is_const_v<Byte>, const T*, T*>;
    return reinterpret_cast<Pointer>(arena + tensor.offset);
  };
  switch (tensor.element) {
    case Element::kF64:
      return body(cast(double{}));
    case Element::kI32:
      return body(cast(std::int32_t{}));
    case Element::kF32:
      break;
  }
  return body(cast(float{}));
}

}  // namespace

const TensorInfo* find_tensor(const core::Model& model, core::Role role, std::string_view name) {
  for (const TensorInfo& tensor : model.tensors) {
    if (tensor.role == role && name == tensor.name) return &tensor;
  }
  return nullptr;
}

std::vector<const TensorInfo*> tensors_of(const core::Model& model, core::Role role) {
  std::vector<const TensorInfo*> found;
  for (const TensorInfo& tensor : model.tensors) {
    if (tensor.role == role) found.push_back(&tensor);
  }
  return found;
}

std::int64_t element_count(const TensorInfo& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape_of(tensor)) count *= extent;
  return count;
}

std::string_view element_name(Element element) {
  constexpr std::string_view kNames[] = {"f32", "f64", "i32"};
  return kNames[static_cast<int>(element)];
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::string shape_text(const TensorInfo& tensor) {
  std::string text = "[";
  for (int axis = 0; axis < tensor.rank; ++axis) {
    if (axis > 0) text += ", ";
    text += axis == tensor.batch_axis ? "batch" : std::to_string(tensor.shape[axis]);
  }
  return text + "]";
}

void copy_out(const std::byte* arena, const TensorInfo& tensor, std::byte* plain) {
  const std::byte* from = arena + tensor.offset;
  core::bytes_of(tensor.element) == 8 ? gather<8>(from, tensor, plain)
                                      : gather<4>(from, tensor, plain);
}

void copy_in(std::byte* arena, const TensorInfo& tensor, const std::byte* plain) {
  std::byte* to = arena + tensor.offset;
  core::bytes_of(tensor.element) == 8 ? scatter<8>(to, tensor, plain)
                                      : scatter<4>(to, tensor, plain);
}

std::vector<double> values_of(const std::byte* arena, const TensorInfo& tensor) {
  std::vector<double> values(static_cast<std::size_t>(element_count(tensor)));
  const std::int64_t length = row_length(tensor);
  const std::int64_t stride = row_stride(tensor);
  with_elements(arena, tensor, [&](const auto* from) {
    for_each_row(tensor, [&](std::int64_t row, std::int64_t position) {
      for (std::int64_t i = 0; i < length; ++i) {
        values[static_cast<std::size_t>(row + i)] =
            static_cast<double>(from[position + i * stride]);
      }
    });
  });
  return values;
}

void set_values(std::byte* arena, const TensorInfo& tensor, std::span<const double> values) {
  const std::int64_t length = row_length(tensor);
  const std::int64_t stride = row_stride(tensor);
  with_elements(arena, tensor, [&](auto* to) {
    using T = std::remove_reference_t<decltype(*to)>;
    for_each_row(tensor, [&](std::int64_t row, std::int64_t position) {
      for (std::int64_t i = 0; i < length; ++i) {
        to[position + i * stride] = static_cast<T>(values[static_cast<std::size_t>(row + i)]);
      }
    });
  });
}

std::int64_t position_of(const TensorInfo& tensor, std::int64_t index) {
  std::int64_t position = 0;
  for (int axis = tensor.rank - 1; axis >= 0; --axis) {
    position += index % tensor.shape[axis] * tensor.strides[axis];
    index /= tensor.shape[axis];
  }
  return position;
}

void read_row(const std::byte* arena, const TensorInfo& tensor, std::int64_t first,
              std::span<double> values) {
  const std::byte* const start = arena + tensor.offset;
  const std::int64_t stride = tensor.strides[tensor.rank - 1];
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t at = first + static_cast<std::int64_t>(i) * stride;
    values[i] = tensor.element == core::Element::kF64
                    ? reinterpret_cast<const double*>(start)[at]
                    : double{reinterpret_cast<const float*>(start)[at]};
  }
}

double scalar_of(const std::byte* arena, const TensorInfo& tensor) {
  return with_elements(arena, tensor, [](const auto* at) { return static_cast<double>(*at); });
}

void set_scalar(std::byte* arena, const TensorInfo& tensor, double value) {
  with_elements(arena, tensor, [&](auto* at) {
    *at = static_cast<std::remove_reference_t<decltype(*at)>>(value);
  });
}

bool is_scalar(const TensorInfo& tensor) { return element_count(tensor) == 1; }

}  // namespace gradc::app
