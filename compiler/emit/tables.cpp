#include "emit/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "emit/kernel.h"
#include "emit/notation.h"
#include "ir/cost.h"
#include "ir/print_program.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

constexpr std::string_view kGradientPrefix = "gradient/";

// A double as C++ that reads back to the same bits.
std::string real(double value) { return literal(value, Element::kF64); }

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
  return fmt::format("{{Initializer::Kind::{}, {}, {}}}",
                     kKinds[static_cast<int>(initializer.kind)], real(initializer.a),
                     real(initializer.b));
}

std::string place_of(const ir::Module& module, const Location& location) {
  if (location.file < 0) return "";
  const std::string file = module.declared.files[location.file].str();
  return fmt::format("{}:{}", file.substr(file.find_last_of('/') + 1), location.line);
}

std::string list(const std::vector<std::int64_t>& numbers) {
  return fmt::format("{{{}}}", fmt::join(numbers, ", "));
}

std::string emit_tensor(const Tensor& tensor) {
  const ir::Buffer& buffer = *tensor.buffer;
  std::vector<std::int64_t> shape;
  int batch_axis = -1;
  for (int axis = 0; axis < buffer.shape.size(); ++axis) {
    shape.push_back(buffer.shape[axis].size);
    if (buffer.shape[axis].batched && batch_axis < 0) batch_axis = axis;
  }
  const Leaf* leaf = tensor.leaf;
  return fmt::format(
      "{{.name = {}, .role = Role::{}, .element = Element::{}, .rank = {}, .shape = {}, "
      ".strides = {}, .batch_axis = {}, .offset = {}, .initializer = {}, .classes = {}, "
      ".classes_option = {}, .source = {}}},\n",
      quoted(tensor.name), role_name(tensor.role), element_name(buffer.element), shape.size(),
      list(shape), list(buffer.strides), batch_axis, buffer.offset,
      leaf ? initializer(leaf->initializer) : "{}", leaf ? leaf->classes : 0,
      quoted(leaf ? leaf->classes_option : ""), quoted(tensor.source));
}

std::string emit_kernels(const std::string& entry, const ir::Program& program) {
  std::string text = fmt::format(
      "namespace {} {{\nconstexpr KernelInfo kKernels[] = {{\n// name, source, function, FLOP "
      "fixed and an "
      "item, bytes fixed and an item\n",
      entry);
  for (const ir::Unit& unit : ir::units_of(program)) {
    const ir::Cost cost = ir::cost_of(program, unit);
    const ir::Amount bytes = cost.bytes();
    text += fmt::format("{{{}, {}, {}, {}, {}, {}, {}}},\n", quoted(unit_name(program, unit)),
                        quoted(ir::place_of(program, program.kernels[unit.first].source)),
                        kernel_function(program, unit), real(cost.flop.fixed),
                        real(cost.flop.per_item), real(bytes.fixed), real(bytes.per_item));
  }
  return text + fmt::format("}};\n}}  // namespace {}\n\n", entry);
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
      data.examples, real(data.noise));
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
  std::string text = "constexpr TensorInfo kTensors[] = {\n";
  for (const Tensor& tensor : tensors) text += emit_tensor(tensor);
  text += "};\n\n";
  if (tensors.empty()) text.clear();
  const std::string config = emit_config(module);
  text += config;
  for (const auto& [entry, program] : entries_of(module)) text += emit_kernels(entry, *program);
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
  return text + "constexpr Model kDescription{" + model + "};\n";
}

}  // namespace gradc::emit
