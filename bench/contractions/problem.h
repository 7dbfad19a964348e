// One product of the sweep: its operands, in the memory of its generated model, and what it must
// give.
//
// A Problem owns the memory of its operands and result; one thread at a time. Every side reads the
// same operands and writes the same result, so that none is lucky with its addresses.
#pragma once

#include <gradc/core/arena.h>
#include <gradc/core/model.h>
#include <gradc/core/team.h>

#include <cstdint>
#include <vector>

namespace gradc::bench {

enum class Case { kNN, kNT, kTN };  // products.h

// Row-major; `stride` elements from one row to the next.
struct Matrix {
  float* data;
  std::int64_t rows, columns, stride;
};

struct Product {
  const char* layer;
  Case which;
  const core::Model* model;
};

// All of products.h, the three of a layer together.
std::vector<Product> all_products();

class Problem {
 public:
  explicit Problem(const Product& product);

  // result[m, n] is a sum over k.
  std::int64_t m() const { return result_.rows; }
  std::int64_t n() const { return result_.columns; }
  std::int64_t k() const { return left_transposed() ? left_.rows : left_.columns; }
  double flop() const;

  // As they lie in memory: what is multiplied is their transposed, where that is so.
  const Matrix& left() const { return left_; }
  const Matrix& right() const { return right_; }
  const Matrix& result() const { return result_; }
  bool left_transposed() const { return product_.which == Case::kTN; }
  bool right_transposed() const { return product_.which == Case::kNT; }

  // The generated kernels, those that bring operands in place included.
  void run_generated() const { product_.model->predict.run(arena_.data(), 1, team_); }

  // So that a side which writes nothing is found out.
  void spoil_result() const;
  // How far the result is from the product in double, as a part of the norm of that.
  double error();

 private:
  Matrix find(core::Role role, const char* name) const;
  const std::vector<double>& exact();

  Product product_;
  mutable core::Arena arena_;
  mutable core::Team team_{1};
  Matrix left_, right_, result_;
  std::vector<double> exact_;  // empty until somebody asks
};

}  // namespace gradc::bench
