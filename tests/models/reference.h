// Figures made with PyTorch (reference/README.md), and how others are compared with them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace gradc::test {

// What is stored of a tensor: its norm and four projections that tell its elements apart.
struct Summary {
  double norm = 0;
  double probes[4] = {};
};
Summary summarise(std::span<const double> values);

// A parameter or state and how it begins.
struct ReferenceTensor {
  std::string name;
  bool state = false;
  std::vector<double> initial;
  // Elements from the first to before the second are zero in `final`: their gradient is zero, and
  // what an optimizer makes of its rounding is no figure to compare.
  std::size_t free_from = 0, free_to = 0;
};

struct ReferenceBatch {
  std::int64_t size = 1;
  std::map<std::string, std::vector<double>> inputs;
};

struct Reference {
  int steps = 0;
  std::vector<ReferenceTensor> tensors;
  std::vector<ReferenceBatch> batches;       // step s takes batch s modulo their number
  std::vector<double> losses;                // before each step; one if nothing is trained
  std::map<std::string, Summary> gradients;  // of the first batch, before the first step
  std::map<std::string, Summary> final;      // tensors after the last step
  std::map<std::string, double> evaluated;   // scalar outputs on the first batch after that
  std::map<std::string, Summary> predicted;  // other outputs there
};

// Throws if the file is not there or holds something else.
Reference load_reference(const std::filesystem::path& path);

// Whether a distance, relative to the size of what was expected, is at most `tolerance`.
testing::AssertionResult agrees(double found, double expected, double tolerance);
testing::AssertionResult agrees(std::span<const double> found, const Summary& expected,
                                double tolerance);

}  // namespace gradc::test
