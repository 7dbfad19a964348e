#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/info.h>
#include <gradc/app/instance.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;
using nlohmann::ordered_json;

struct Kind {
  Role role;
  const char* name;
};

constexpr Kind kKinds[] = {{Role::kParameter, "parameters"},
                           {Role::kState, "states"},
                           {Role::kInput, "inputs"},
                           {Role::kSetting, "settings"},
                           {Role::kOutput, "outputs"}};

std::int64_t bytes_of_role(const core::Model& model, Role role) {
  std::int64_t bytes = 0;
  for (const TensorInfo* tensor : tensors_of(model, role)) bytes += byte_count(*tensor);
  return bytes;
}

// What the arena holds besides: values between kernels, and padding.
std::int64_t working_bytes(const core::Model& model) {
  std::int64_t bytes = model.arena_bytes;
  for (const Kind& kind : kKinds) bytes -= bytes_of_role(model, kind.role);
  return std::max<std::int64_t>(0, bytes);
}

struct NamedEntry {
  const char* name;
  const core::Entry* entry;
};

std::vector<NamedEntry> entries_of(const core::Model& model) {
  std::vector<NamedEntry> entries;
  const auto add = [&](const char* name, const core::Entry& entry) {
    if (entry.run != nullptr) entries.push_back({name, &entry});
  };
  add("train", model.train);
  add("evaluate", model.evaluate);
  add("predict", model.predict);
  return entries;
}

ordered_json tensor_json(const TensorInfo& tensor) {
  return {{"name", tensor.name},
          {"element", element_name(tensor.element)},
          {"shape", std::vector<std::int64_t>(tensor.shape, tensor.shape + tensor.rank)},
          {"source", tensor.source}};
}

void print_json(const core::Model& model) {
  ordered_json object{{"model", model.name},
                      {"source", model.source},
                      {"element", element_name(model.element)},
                      {"precision", model.precision},
                      {"parameters", parameter_count(model)},
                      {"batch", model.max_batch},
                      {"steps", model.steps},
                      {"flop", flop_of(model.train, model.max_batch)},
                      {"arena_bytes", model.arena_bytes}};
  if (model.target != nullptr) object["target"] = model.target();
  for (const Kind& kind : kKinds) object["bytes"][kind.name] = bytes_of_role(model, kind.role);
  object["bytes"]["working"] = working_bytes(model);
  for (const Kind& kind : kKinds) {
    auto& list = object["tensors"][kind.name] = ordered_json::array();
    for (const TensorInfo* tensor : tensors_of(model, kind.role))
      list.push_back(tensor_json(*tensor));
  }
  for (const NamedEntry& named : entries_of(model)) {
    auto& list = object["kernels"][named.name] = ordered_json::array();
    for (const core::KernelInfo& kernel : named.entry->kernels) {
      const auto batch = static_cast<double>(model.max_batch);
      list.push_back({{"name", kernel.name},
                      {"source", kernel.source},
                      {"flop", kernel.flop_fixed + kernel.flop_per_item * batch},
                      {"bytes", kernel.bytes_fixed + kernel.bytes_per_item * batch}});
    }
  }
  fmt::print("{}\n", object.dump(2));
}

std::string whole(double number) { return grouped(static_cast<std::int64_t>(number)); }

void print_text(const core::Model& model) {
  fmt::print("{} ({}), {}\n", model.name, model.source, element_name(model.element));
  if (model.target != nullptr) fmt::print("  {:<22}{:>14}\n", "target", model.target());
  if (model.precision != std::string_view("full"))
    fmt::print("  {:<22}{:>14}\n", "precision", model.precision);
  fmt::print("  {:<22}{:>14}\n", "parameters", grouped(parameter_count(model)));
  if (model.has_batch) fmt::print("  {:<22}{:>14}\n", "largest batch", grouped(model.max_batch));
  if (model.steps > 0) fmt::print("  {:<22}{:>14}\n", "steps", grouped(model.steps));
  if (model.train.run != nullptr) {
    fmt::print("  {:<22}{:>14}\n", "FLOP a training step",
               whole(flop_of(model.train, model.max_batch)));
  }
  fmt::print("\nmemory in bytes\n");
  for (const Kind& kind : kKinds) {
    fmt::print("  {:<22}{:>14}\n", kind.name, grouped(bytes_of_role(model, kind.role)));
  }
  fmt::print("  {:<22}{:>14}\n", "working", grouped(working_bytes(model)));
  fmt::print("  {:<22}{:>14}\n", "in all", grouped(model.arena_bytes));
  for (const Kind& kind : kKinds) {
    const auto tensors = tensors_of(model, kind.role);
    if (tensors.empty()) continue;
    fmt::print("\n{}\n", kind.name);
    for (const TensorInfo* tensor : tensors) {
      fmt::print("  {:<22}{:>4}  {:<20}  {}\n", tensor->name, element_name(tensor->element),
                 shape_text(*tensor), tensor->source);
    }
  }
  for (const NamedEntry& named : entries_of(model)) {
    fmt::print("\nkernels of {}{:>{}}{:>14}\n", named.name, "FLOP",
               54 - static_cast<int>(std::string_view(named.name).size()), "bytes");
    for (const core::KernelInfo& kernel : named.entry->kernels) {
      const auto batch = static_cast<double>(model.max_batch);
      fmt::print("  {:<50}{:>14}{:>14}  {}\n", kernel.name,
                 whole(kernel.flop_fixed + kernel.flop_per_item * batch),
                 whole(kernel.bytes_fixed + kernel.bytes_per_item * batch), kernel.source);
    }
  }
}

}  // namespace

int info(const core::Model& model, bool json) {
  json ? print_json(model) : print_text(model);
  return kExitDone;
}

}  // namespace gradc::app
