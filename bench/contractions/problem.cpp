#include "problem.h"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "products.gen.h"
#include "products.h"

namespace gradc::bench {
namespace {

// In [-1, 1), from a sequence whose low bits do not matter.
void fill(const Matrix& matrix, std::uint64_t seed) {
  for (std::int64_t i = 0; i < matrix.rows; ++i)
    for (std::int64_t j = 0; j < matrix.columns; ++j) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      matrix.data[i * matrix.stride + j] =
          static_cast<float>(static_cast<std::int32_t>(seed >> 32)) * 0x1p-31f;
    }
}

}  // namespace

std::vector<Product> all_products() {
#define GRADC_THREE_PRODUCTS(NAME, M, K, N)                                       \
  {#NAME, Case::kNN, &NAME##_nn::kModel}, {#NAME, Case::kNT, &NAME##_nt::kModel}, \
      {#NAME, Case::kTN, &NAME##_tn::kModel},
  return {GRADC_LAYERS(GRADC_THREE_PRODUCTS)};
#undef GRADC_THREE_PRODUCTS
}

Problem::Problem(const Product& product)
    : product_(product),
      arena_(static_cast<std::size_t>(product.model->arena_bytes)),
      left_(find(core::Role::kInput, "left")),
      right_(find(core::Role::kInput, "right")),
      result_(find(core::Role::kOutput, "result")) {
  fill(left_, 1);
  fill(right_, 2);
}

Matrix Problem::find(core::Role role, const char* name) const {
  for (const core::TensorInfo& tensor : product_.model->tensors)
    if (tensor.role == role && std::string_view(tensor.name) == name && tensor.strides[1] == 1)
      return {reinterpret_cast<float*>(arena_.data() + tensor.offset), tensor.shape[0],
              tensor.shape[1], tensor.strides[0]};
  throw std::logic_error(std::string(product_.model->name) + " has no row-major " + name);
}

double Problem::flop() const {
  return 2 * static_cast<double>(m()) * static_cast<double>(n()) * static_cast<double>(k());
}

void Problem::spoil_result() const {
  for (std::int64_t i = 0; i < m(); ++i)
    for (std::int64_t j = 0; j < n(); ++j)
      result_.data[i * result_.stride + j] = std::numeric_limits<float>::quiet_NaN();
}

const std::vector<double>& Problem::exact() {
  if (!exact_.empty()) return exact_;
  exact_.resize(static_cast<std::size_t>(m() * n()));
  std::vector<double> row(static_cast<std::size_t>(n()));
  for (std::int64_t p = 0; p < k(); ++p) {
    for (std::int64_t j = 0; j < n(); ++j)
      row[static_cast<std::size_t>(j)] =
          right_.data[right_transposed() ? j * right_.stride + p : p * right_.stride + j];
    for (std::int64_t i = 0; i < m(); ++i) {
      const double x = left_.data[left_transposed() ? p * left_.stride + i : i * left_.stride + p];
      double* const sums = exact_.data() + i * n();
      for (std::int64_t j = 0; j < n(); ++j) sums[j] += x * row[static_cast<std::size_t>(j)];
    }
  }
  return exact_;
}

double Problem::error() {
  double apart = 0, norm = 0;
  for (std::int64_t i = 0; i < m(); ++i)
    for (std::int64_t j = 0; j < n(); ++j) {
      const double is = result_.data[i * result_.stride + j];
      const double should = exact()[static_cast<std::size_t>(i * n() + j)];
      apart += (is - should) * (is - should);
      norm += should * should;
    }
  return std::sqrt(apart / norm);
}

}  // namespace gradc::bench
