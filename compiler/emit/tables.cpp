#include "emit/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "emit/layout.h"
#include "emit/notation.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

constexpr std::string_view kGradientPrefix = "gradient/";

const char* role_name(Tensor::Role role) {
  static constexpr const char* kNames[] = {"kParameter", "kState",  "kInput",
                                           "kSetting",   "kOutput", "kGradient"};
  return kNames[static_cast<int>(role)];
}

const char* element_name(Element element) {
  switch (element) {
    case Element::kF32:
      return "kF32";
    case Element::kF64:
      return "kF64";
    default:
      return "kI32";
  }
}

std::string initializer(const Initializer& initializer) {
  static constexpr const char* kKinds[] = {"kConstant", "kNormal", "kUniform"};
  return fmt::format("{{{}, {}, {}}}", kKinds[static_cast<int>(initializer.kind)],
                     number(initializer.a), number(initializer.b));
}

std::string place_of(const ir::Module& module, const Location& location) {
  if (location.file < 0) return "";
  const std::string file = module.declared.files[location.file].str();
  return fmt::format("{}:{}", file.substr(file.find_last_of('/') + 1), location.line);
}

std::string list(const std::vector<std::int64_t>& numbers) {
  return fmt::format("{{{}}}", fmt::join(numbers, ", "));
}

// Without what stands at the end and is as it is without being said.
std::string emit_tensor(const Tensor& tensor) {
  const ir::Buffer& buffer = *tensor.buffer;
  std::vector<std::int64_t> shape;
  int batch_axis = -1;
  for (int axis = 0; axis < buffer.shape.size(); ++axis) {
    shape.push_back(buffer.shape[axis].size);
    if (buffer.shape[axis].batched && batch_axis < 0) batch_axis = axis;
  }
  std::string rest;
  if (const Leaf* leaf = tensor.leaf) {
    const Initializer& how = leaf->initializer;
    const bool zero = how.kind == Initializer::Kind::kConstant && number(how.a) == "0";
    if (leaf->classes > 0)
      rest = fmt::format(", {}, {}, {}, {}", batch_axis, initializer(how), leaf->classes,
                         quoted(leaf->classes_option));
    else if (!zero)
      rest = fmt::format(", {}, {}", batch_axis, initializer(how));
  }
  if (rest.empty() && batch_axis >= 0) rest = fmt::format(", {}", batch_axis);
  return row(fmt::format("{{{}, {}, {}, {}, {}, {}, {}, {}{}}},", quoted(tensor.name),
                         role_name(tensor.role), element_name(buffer.element),
                         quoted(tensor.source), buffer.offset, shape.size(), list(shape),
                         list(buffer.strides), rest));
}

// The -D option that sets an extent, or "".
std::string option_of(const Dim& dim) { return quoted(dim.option ? dim.name : ""); }

std::string dataset(const Dataset& data) {
  static constexpr const char* kKinds[] = {"kNone", "kLines", "kItems", "kText",
                                           "kCsv",  "kMoons", "kPairs"};
  static constexpr const char* kOrders[] = {"kRandom", "kSequential"};
  return fmt::format(
      "{{.kind = DatasetInfo::Kind::{}, .order = DatasetInfo::Order::{}, .split = {}, "
      ".window = {}, .window_option = {}, .source = {}, .source_option = {}, .examples = {}, "
      ".noise = {}}}",
      kKinds[static_cast<int>(data.kind)], kOrders[static_cast<int>(data.order)], data.split,
      data.window.size, option_of(data.window), data.source.size, option_of(data.source),
      data.examples, number(data.noise));
}

std::string emit_config(const ir::Module& module) {
  std::string text;
  for (const ConfigFact& fact : module.declared.config_facts)
    text += fmt::format("{{.key = {}, .value = {}, .option = {}, .source = {}}},\n",
                        quoted(fact.key.str()), fact.value, quoted(fact.option),
                        quoted(place_of(module, fact.location)));
  return text.empty() ? "" : "constexpr ConfigInfo kConfig[] = {\n" + text + "};\n\n";
}

const ir::Program& any_program(const ir::Module& module) {
  for (const ir::Program* program :
       {&module.train, &module.evaluate, &module.predict, &module.loss_only, &module.gradient})
    if (!program->buffers.empty()) return *program;
  return module.train;
}

}  // namespace

std::string number(double value) {
  constexpr double kExact = 0x1p53;
  const bool whole = std::abs(value) < kExact && value == std::trunc(value) && !std::signbit(value);
  return whole ? std::to_string(static_cast<std::int64_t>(value)) : literal(value, Element::kF64);
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool trigraph = c == '?' && out.ends_with('?');
    if (c == '"' || c == '\\' || trigraph) out += '\\';
    if (byte < 0x20 || byte >= 0x7f)
      out += fmt::format("\\{:03o}", byte);
    else
      out += c;
  }
  return out + "\"";
}

std::vector<std::pair<std::string, const ir::Program*>> entries_of(const ir::Module& module) {
  std::vector<std::pair<std::string, const ir::Program*>> entries;
  const auto add = [&](const char* name, const ir::Program& program) {
    if (!program.kernels.empty()) entries.emplace_back(name, &program);
  };
  add("train", module.train);
  add("evaluate", module.evaluate);
  add("predict", module.predict);
  add("loss_only", module.loss_only);
  add("gradient", module.gradient);
  return entries;
}

std::vector<Tensor> tensors_of(const ir::Module& module) {
  const Graph& graph = module.declared;
  std::vector<Tensor> tensors;
  const ir::Program& program = any_program(module);
  const auto add_leaves = [&](gradc::Role role, Tensor::Role as) {
    for (const ir::Buffer& buffer : program.buffers) {
      if (buffer.storage != ir::Buffer::Storage::kLeaf) continue;
      const Leaf& leaf = graph.leaves[buffer.leaf];
      if (leaf.role == role)
        tensors.push_back({as, leaf.name.str(), &buffer, &leaf,
                           place_of(module, graph.nodes[leaf.node].location)});
    }
  };
  add_leaves(gradc::Role::kParameter, Tensor::Role::kParameter);
  add_leaves(gradc::Role::kState, Tensor::Role::kState);
  add_leaves(gradc::Role::kInput, Tensor::Role::kInput);
  add_leaves(gradc::Role::kSetting, Tensor::Role::kSetting);
  std::vector<Tensor> outputs, gradients;
  for (const auto& [entry, its_program] : entries_of(module)) {
    for (const ir::Buffer& buffer : its_program->buffers) {
      if (buffer.storage != ir::Buffer::Storage::kOutput) continue;
      const bool gradient = buffer.name.starts_with(kGradientPrefix);
      const std::string name = gradient ? buffer.name.substr(kGradientPrefix.size()) : buffer.name;
      std::vector<Tensor>& into = gradient ? gradients : outputs;
      if (std::any_of(into.begin(), into.end(),
                      [&](const Tensor& other) { return other.name == name; }))
        continue;
      std::string source;
      for (const Output& output : graph.outputs)
        if (output.name == std::string_view(name)) source = place_of(module, output.location);
      into.push_back({gradient ? Tensor::Role::kGradient : Tensor::Role::kOutput, name, &buffer,
                      nullptr, source});
    }
  }
  // Outputs in the order of their declaration; the loss, if it was not declared, comes last.
  const auto order = [&](const Tensor& tensor) {
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      if (graph.outputs[i].name == std::string_view(tensor.name)) return i;
    return graph.outputs.size();
  };
  std::stable_sort(outputs.begin(), outputs.end(),
                   [&](const Tensor& a, const Tensor& b) { return order(a) < order(b); });
  tensors.insert(tensors.end(), outputs.begin(), outputs.end());
  tensors.insert(tensors.end(), gradients.begin(), gradients.end());
  return tensors;
}

int loss_of(const ir::Module& module, const std::vector<Tensor>& tensors) {
  if (module.declared.loss < 0) return -1;
  // An output that is the loss, or else the one that was added under that name.
  for (const bool by_node : {true, false}) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      if (tensors[i].role != Tensor::Role::kOutput) continue;
      if (!by_node && tensors[i].name == "loss") return static_cast<int>(i);
      for (const Output& output : module.declared.outputs)
        if (by_node && output.node == module.declared.loss &&
            output.name == std::string_view(tensors[i].name))
          return static_cast<int>(i);
    }
  }
  return -1;
}

std::string emit_tables(const ir::Module& module, const Options& options,
                        const std::string& decoder, const std::string& reference) {
  const std::vector<Tensor> tensors = tensors_of(module);
  std::string rows;
  for (const Tensor& tensor : tensors) rows += emit_tensor(tensor);
  std::string text;
  if (!tensors.empty())
    text =
        "// Name, role, element, source, place in the arena, rank, shape, strides; where they are "
        "not -1,\n// zero and none: the axis of the batch, initial values, classes and what sets "
        "them.\n" +
        table("constexpr TensorInfo kTensors[]", rows);
  const std::string config = emit_config(module);
  text += config;
  const ir::Program& any = any_program(module);
  std::string model = fmt::format(
      ".name = {}, .source = {}, .element = Element::{}, .arena_bytes = {}, .check_arena_bytes = "
      "{}, .max_batch = {}, .has_batch = {}, .steps = {}, .tensors = {}, .loss = {}, "
      ".config = {}, .dataset = {},\n",
      quoted(module.declared.name.str()), quoted(options.model_file),
      element_name(module.declared.real), module.arena_bytes, module.check_arena_bytes,
      any.max_batch, any.has_batch, module.declared.steps, tensors.empty() ? "{}" : "kTensors",
      loss_of(module, tensors), config.empty() ? "{}" : "kConfig", dataset(module.declared.data));
  for (const char* entry : {"train", "evaluate", "predict", "loss_only", "gradient"}) {
    const auto has = [&](const auto& present) { return present.first == entry; };
    const auto entries = entries_of(module);
    const bool present = std::any_of(entries.begin(), entries.end(), has);
    model += present ? fmt::format(".{0} = {{{0}::run, {0}::kKernels}},\n", entry)
                     : fmt::format(".{} = {{}},\n", entry);
  }
  model += fmt::format(".decoder = {},\n", decoder.empty() ? "nullptr" : "&" + decoder);
  model += fmt::format(".reference = {}", reference.empty() ? "nullptr" : "&" + reference);
  if (!options.targets.empty()) model += ",\n.target = picked_name";
  if (const Precision precision = module.declared.precision; precision != Precision::kFull)
    model += fmt::format(",\n.precision = {}", quoted(name_of(precision)));
  return text + "constexpr Model kDescription{" + model + "};\n";
}

}  // namespace gradc::emit
