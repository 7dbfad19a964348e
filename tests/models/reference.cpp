#include "models/reference.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gradc::test {
namespace {

using Json = nlohmann::json;

// Element i is centre + spread sin(phase + 0.7 k), rounded to f32: k is i, or i^2 modulo 9973 if
// the tensor is scattered. A constant keeps all its digits.
std::vector<double> initial_values(const Json& tensor) {
  const double centre = tensor.at("centre"), spread = tensor.at("spread");
  const double phase = tensor.at("phase");
  std::size_t count = 1;
  for (const std::size_t extent : tensor.at("shape")) count *= extent;
  std::vector<double> values(count, centre);
  if (spread == 0) return values;
  const bool scattered = tensor.value("scattered", false);
  for (std::size_t i = 0; i < count; ++i) {
    const auto k = static_cast<double>(scattered ? i * i % 9973 : i);
    values[i] = static_cast<float>(centre + spread * std::sin(phase + 0.7 * k));
  }
  return values;
}

std::map<std::string, Summary> read_summaries(const Json& json, const char* key) {
  std::map<std::string, Summary> summaries;
  if (!json.contains(key)) return summaries;
  for (const auto& [name, row] : json.at(key).items()) {
    Summary& summary = summaries[name];
    summary.norm = row.at("norm");
    for (std::size_t j = 0; j < 4; ++j) summary.probes[j] = row.at("probes").at(j);
  }
  return summaries;
}

}  // namespace

Summary summarise(std::span<const double> values) {
  Summary summary;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    squares += values[i] * values[i];
    for (int j = 0; j < 4; ++j) {
      summary.probes[j] += values[i] * std::cos((2 * j + 1) * static_cast<double>(i + 1));
    }
  }
  summary.norm = std::sqrt(squares);
  return summary;
}

Reference load_reference(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  const Json json = Json::parse(file);
  Reference reference;
  reference.steps = json.at("steps");
  for (const Json& tensor : json.at("tensors")) {
    reference.tensors.push_back(
        {tensor.at("name"), tensor.at("role") == "state", initial_values(tensor)});
    if (tensor.contains("free")) {
      reference.tensors.back().free_from = tensor.at("free").at(0);
      reference.tensors.back().free_to = tensor.at("free").at(1);
    }
  }
  const std::vector<std::int64_t> sizes = json.at("batch_sizes");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    reference.batches.push_back({sizes[i], json.at("batches").at(i)});
  }
  reference.losses = json.at("losses").get<std::vector<double>>();
  reference.gradients = read_summaries(json, "gradients");
  reference.final = read_summaries(json, "final");
  reference.evaluated = json.at("evaluated").get<std::map<std::string, double>>();
  reference.predicted = read_summaries(json, "predicted");
  return reference;
}

testing::AssertionResult agrees(double found, double expected, double tolerance) {
  const double distance = std::abs(found - expected);
  // Written so that a NaN does not agree.
  if (distance <= tolerance * std::max(std::abs(expected), 1e-3))
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "found " << found << ", expected " << expected << ", apart "
                                     << distance << ", tolerance " << tolerance;
}

testing::AssertionResult agrees(std::span<const double> found, const Summary& expected,
                                double tolerance) {
  const Summary summary = summarise(found);
  double distance = std::abs(summary.norm - expected.norm);
  bool comparable = std::isfinite(distance);
  for (int j = 0; j < 4; ++j) {
    const double apart = std::abs(summary.probes[j] - expected.probes[j]);
    comparable = comparable && std::isfinite(apart);
    distance = std::max(distance, apart);
  }
  // A tensor that should be zero may hold what rounding leaves.
  if (comparable && distance <= tolerance * std::max(expected.norm, 1e-6)) {
    return testing::AssertionSuccess();
  }
  testing::AssertionResult result = testing::AssertionFailure();
  result << "norm " << summary.norm << ", expected " << expected.norm << "; probes";
  for (int j = 0; j < 4; ++j) result << " " << summary.probes[j] << "/" << expected.probes[j];
  return result << "; tolerance " << tolerance << " of the norm";
}

}  // namespace gradc::test
