#include "emit/api.h"

#include <fmt/format.h>

#include <set>

#include "emit/facts.h"
#include "emit/layout.h"
#include "emit/names.h"
#include "emit/tables.h"
#include "ir/cost.h"
#include "ir/print_program.h"

namespace gradc::emit {
namespace {

// A tensor's accessor: a reference to a scalar, the span of a vector, of one row of anything
// larger.
std::string accessor(const Tensor& tensor, const std::string& name) {
  const ir::Buffer& buffer = *tensor.buffer;
  const char* type = element_type(buffer.element);
  const int rank = buffer.shape.size();
  const std::string base = fmt::format("at<{}>({})", type, buffer.offset);
  if (rank == 0) return fmt::format("{}& {}() {{ return *{}; }}\n", type, name, base);
  const bool rows = buffer.strides[rank - 1] == 1;
  const int indices = rows ? rank - 1 : rank;
  std::string parameters, place;
  for (int axis = 0; axis < indices; ++axis) {
    const char letter = "ijklmn"[axis];
    parameters += fmt::format("{}std::int64_t {}", axis > 0 ? ", " : "", letter);
    place += fmt::format(" + {} * {}", letter, buffer.strides[axis]);
  }
  if (!rows)
    return fmt::format("{}& {}({}) {{ return *({}{}); }}\n", type, name, parameters, base, place);
  const std::int64_t size = buffer.shape[rank - 1].size;
  return fmt::format(
      "std::span<{0}, {1}> {2}({3}) {{ return std::span<{0}, {1}>({4}{5}, {1}); }}\n", type, size,
      name, parameters, base, place);
}

std::string accessors(const std::vector<Tensor>& tensors, Tensor::Role role, const char* title,
                      Names& names) {
  std::string text;
  for (const Tensor& tensor : tensors) {
    if (tensor.role != role) continue;
    text += "// " +
            harmless(fmt::format("\"{}\", {}{}{}{}", tensor.name, name_of(tensor.buffer->element),
                                 to_text(tensor.buffer->shape).str(),
                                 tensor.source.empty() ? "" : ", ", tensor.source)) +
            "\n";
    text += accessor(tensor, names.take(identifier(tensor.name)));
  }
  return text.empty() ? "" : fmt::format("\n// ---- {} ----\n\n{}", title, text);
}

std::string runs(const ir::Module& module, const std::vector<Tensor>& tensors) {
  std::string text;
  const int loss = loss_of(module, tensors);
  const bool has_batch = module.declared.batch_dim.size > 0;
  const auto add = [&](const ir::Program& program, const char* name, const std::string& what,
                       bool gives_loss) {
    if (program.kernels.empty()) return;
    const bool returns = gives_loss && loss >= 0;
    text += comment(what);
    text += fmt::format("{} {}({});\n", returns ? element_type(module.declared.real) : "void", name,
                        has_batch ? "std::int64_t batch = kMaxBatch" : "");
  };
  add(module.train, "train_step",
      "One training step on the inputs: the outputs of one value, then every update. Gives the "
      "loss, if the model has one.",
      true);
  add(module.evaluate, "evaluate", "Every output from the inputs; nothing is updated.", false);
  add(module.predict, "predict", "The outputs that need no target; nothing is updated.", false);
  return text;
}

std::string facts(const ir::Module& module, const std::vector<Tensor>& tensors) {
  std::int64_t parameters = 0;
  for (const Tensor& tensor : tensors)
    if (tensor.role == Tensor::Role::kParameter) parameters += elements_of(tensor.buffer->shape);
  const auto constant = [](const std::string& name, std::int64_t value, const std::string& what) {
    return fmt::format("static constexpr std::int64_t {} = {};  // {}\n", name, value, what);
  };
  std::string text = constant("kParameters", parameters, "numbers that training fits");
  text += constant("kArenaBytes", module.arena_bytes, "all memory that it ever uses");
  if (module.declared.batch_dim.size > 0)
    text += constant("kMaxBatch", module.declared.batch_dim.size, "the largest batch");
  for (const auto& [entry, program] : entries_of(module)) {
    if (entry != "train" && entry != "predict") continue;
    ir::Amount flop;
    for (const ir::Unit& unit : ir::units_of(*program)) flop += ir::cost_of(*program, unit).flop;
    const double count = flop.at(program->max_batch);
    text += constant(entry == "train" ? "kTrainFlop" : "kPredictFlop",
                     static_cast<std::int64_t>(count), "of its contractions, at the largest batch");
  }
  return text;
}

}  // namespace

std::string namespace_of(const ir::Module& module) { return identifier(module.declared.name); }
std::string struct_of(const ir::Module& module) { return camel_case(module.declared.name); }

std::string emit_api(const ir::Module& module, const Options& options) {
  const std::vector<Tensor> tensors = tensors_of(module);
  const std::string name = struct_of(module);
  Names names;
  for (const char* taken :
       {"train_step", "evaluate", "predict", "arena", "at", "arena_", "team_", "kModel",
        "kParameters", "kArenaBytes", "kMaxBatch", "kTrainFlop", "kPredictFlop", name.c_str()})
    names.take(taken);
  std::string text = fmt::format(
      "namespace {} {{\n\n"
      "// What any program can know about the model: tensors, kernels, entries.\n"
      "extern const gradc::core::Model kModel;\n\n",
      namespace_of(module));
  text +=
      comment(fmt::format("The model {} of {}. Owns its memory and its threads; allocates when "
                          "it is made and never again. All values begin as zero, settings as "
                          "declared. One thread at a time may use it.",
                          module.declared.name.str(), options.model_file));
  text += fmt::format("class {} {{\n public:\n{}\nexplicit {}(int threads = 1);\n", name,
                      facts(module, tensors), name);
  text += "\n// ---- runs ----\n\n" + runs(module, tensors);
  text += accessors(tensors, Tensor::Role::kParameter, "parameters", names);
  text += accessors(tensors, Tensor::Role::kState, "states", names);
  text += accessors(tensors, Tensor::Role::kInput, "inputs", names);
  text += accessors(tensors, Tensor::Role::kSetting, "settings", names);
  text += accessors(tensors, Tensor::Role::kOutput, "outputs", names);
  text +=
      "\n// The memory as a whole, of kArenaBytes bytes: for kModel.\n"
      "std::byte* arena() { return arena_.data(); }\n"
      "\n private:\n"
      "template <class T>\n"
      "T* at(std::int64_t offset) { return reinterpret_cast<T*>(arena_.data() + offset); }\n\n"
      "gradc::core::Arena arena_{kArenaBytes};\n"
      "gradc::core::Team team_;\n};\n\n";
  return text + fmt::format("}}  // namespace {}\n\n", namespace_of(module));
}

std::string emit_api_members(const ir::Module& module) {
  const std::vector<Tensor> tensors = tensors_of(module);
  const std::string name = struct_of(module);
  const bool has_batch = module.declared.batch_dim.size > 0;
  const int loss = loss_of(module, tensors);
  std::string settings;
  for (const Tensor& tensor : tensors)
    if (tensor.role == Tensor::Role::kSetting)
      settings += fmt::format("*at<{}>({}) = kModel.tensors[{}].initializer.a;\n",
                              element_type(tensor.buffer->element), tensor.buffer->offset,
                              &tensor - tensors.data());
  std::string text =
      fmt::format("{0}::{0}(int threads) : team_(threads) {{\n{1}}}\n\n", name, settings);
  const auto add = [&](const ir::Program& program, const char* function, const char* entry,
                       bool gives_loss) {
    if (program.kernels.empty()) return;
    const bool returns = gives_loss && loss >= 0;
    text += fmt::format("{} {}::{}({}) {{\n", returns ? element_type(module.declared.real) : "void",
                        name, function, has_batch ? "std::int64_t batch" : "");
    if (has_batch)
      text += fmt::format(
          "if (batch < 1 || batch > kMaxBatch) throw std::out_of_range(\"{}: a batch is 1 to "
          "{}\");\n",
          name, module.declared.batch_dim.size);
    text +=
        fmt::format("kModel.{}.run(arena_.data(), {}, team_);\n", entry, has_batch ? "batch" : "1");
    if (returns) {
      const ir::Buffer& buffer = *tensors[static_cast<std::size_t>(loss)].buffer;
      text += fmt::format("return *at<{}>({});\n", element_type(buffer.element), buffer.offset);
    }
    text += "}\n\n";
  };
  add(module.train, "train_step", "train", true);
  add(module.evaluate, "evaluate", "evaluate", false);
  add(module.predict, "predict", "predict", false);
  return text;
}

}  // namespace gradc::emit
