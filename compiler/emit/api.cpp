#include "emit/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <set>
#include <string_view>
#include <vector>

#include "emit/facts.h"
#include "emit/layout.h"
#include "emit/names.h"
#include "emit/tables.h"
#include "ir/access.h"
#include "ir/cost.h"
#include "support/check.h"

namespace gradc::emit {
namespace {

using Axes = std::vector<int>;

// A tensor's accessor by indices along `axes`: a reference to a scalar, the span of a vector, of
// one row of anything larger.
std::string accessor(const Tensor& tensor, const Axes& axes, const std::string& name) {
  const ir::Buffer& buffer = *tensor.buffer;
  const char* type = element_type(buffer.element);
  const std::string base = fmt::format("at<{}>({})", type, buffer.offset);
  if (axes.empty()) return fmt::format("{}& {}() {{ return *{}; }}\n", type, name, base);
  const int last = axes.back();
  const std::int64_t size = buffer.shape[last].size;
  const bool rows = size == 1 || buffer.strides[last] == 1;
  const std::size_t indices = rows ? axes.size() - 1 : axes.size();
  std::string parameters, place;
  for (std::size_t i = 0; i < indices; ++i) {
    const char letter = "ijklmn"[i];
    parameters += fmt::format("{}std::int64_t {}", i > 0 ? ", " : "", letter);
    place += fmt::format(" + {} * {}", letter, buffer.strides[axes[i]]);
  }
  if (!rows)
    return fmt::format("{}& {}({}) {{ return *({}{}); }}\n", type, name, parameters, base, place);
  return fmt::format(
      "std::span<{0}, {1}> {2}({3}) {{ return std::span<{0}, {1}>({4}{5}, {1}); }}\n", type, size,
      name, parameters, base, place);
}

Axes all_axes(const Tensor& tensor) {
  Axes axes(static_cast<std::size_t>(tensor.buffer->shape.size()));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

template <class AxesOf>
std::string accessors(const std::vector<Tensor>& tensors, Tensor::Role role, const char* title,
                      Names& names, AxesOf axes_of) {
  std::string text;
  for (const Tensor& tensor : tensors) {
    if (tensor.role != role) continue;
    text += "// " +
            harmless(fmt::format("\"{}\", {}{}{}{}", tensor.name, name_of(tensor.buffer->element),
                                 to_text(tensor.buffer->shape).str(),
                                 tensor.source.empty() ? "" : ", ", tensor.source)) +
            "\n";
    text += accessor(tensor, axes_of(tensor), names.take(identifier(tensor.name)));
  }
  return text.empty() ? "" : fmt::format("\n// ---- {} ----\n\n{}", title, text);
}

bool has_batch(const ir::Module& module) { return module.declared.batch_dim.size > 0; }

std::string runs(const ir::Module& module, const std::vector<Tensor>& tensors) {
  std::string text;
  const int loss = loss_of(module, tensors);
  const auto add = [&](const ir::Program& program, const char* name, const std::string& what,
                       bool gives_loss) {
    if (program.kernels.empty()) return;
    const bool returns = gives_loss && loss >= 0;
    text += comment(what);
    text += fmt::format("{} {}({});\n", returns ? element_type(module.declared.real) : "void", name,
                        has_batch(module) ? "std::int64_t batch = kMaxBatch" : "");
  };
  add(module.train, "train_step",
      "One training step on the inputs: the outputs of one value, then every update. Gives the "
      "loss, if the model has one.",
      true);
  add(module.evaluate, "evaluate", "Every output from the inputs; nothing is updated.", false);
  add(module.predict, "predict", "The outputs that need no target; nothing is updated.", false);
  return text;
}

std::string constant(const char* name, std::int64_t value, const char* what) {
  return fmt::format("static constexpr std::int64_t {} = {};  // {}\n", name, value, what);
}

std::string memory_facts(const ir::Module& module) {
  std::string text = constant("kArenaBytes", module.arena_bytes, "all memory that it ever uses");
  if (has_batch(module))
    text += constant("kMaxBatch", module.declared.batch_dim.size, "the largest batch");
  return text;
}

std::string facts(const ir::Module& module, const std::vector<Tensor>& tensors) {
  std::int64_t parameters = 0;
  for (const Tensor& tensor : tensors)
    if (tensor.role == Tensor::Role::kParameter) parameters += elements_of(tensor.buffer->shape);
  std::string text = constant("kParameters", parameters, "numbers that training fits");
  text += memory_facts(module);
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

std::string decoder_struct_of(const ir::Module& module) { return struct_of(module) + "Decoder"; }

// The names in a class of the module that are not its tensors'.
Names names_beside(const ir::Module& module, std::initializer_list<const char*> members) {
  Names names;
  for (const char* member : members) names.take(member);
  for (const char* member :
       {"arena", "at", "arena_", "team_", "kModel", "kArenaBytes", "kMaxBatch"})
    names.take(member);
  names.take(struct_of(module));
  names.take(decoder_struct_of(module));
  return names;
}

// The end of a class: the memory and the threads that it owns.
std::string owned(const char* description) {
  return fmt::format(
      "\n// The memory as a whole, of kArenaBytes bytes: for {}.\n"
      "std::byte* arena() {{ return arena_.data(); }}\n"
      "const std::byte* arena() const {{ return arena_.data(); }}\n"
      "\n private:\n"
      "template <class T>\n"
      "T* at(std::int64_t offset) {{ return reinterpret_cast<T*>(arena_.data() + offset); }}\n\n"
      "gradc::core::Arena arena_{{kArenaBytes}};\n"
      "gradc::core::Team team_;\n}};\n\n",
      description);
}

std::string emit_class(const ir::Module& module, const Options& options) {
  const std::vector<Tensor> tensors = tensors_of(module);
  const std::string name = struct_of(module);
  Names names = names_beside(
      module, {"train_step", "evaluate", "predict", "kParameters", "kTrainFlop", "kPredictFlop"});
  std::string text =
      comment(fmt::format("The model {} of {}. Owns its memory and its threads; allocates when "
                          "it is made and never again. All values begin as zero, settings as "
                          "declared. One thread at a time may use it.",
                          module.declared.name.str(), options.model_file));
  text += fmt::format("class {} {{\n public:\n{}\nexplicit {}(int threads = 1);\n", name,
                      facts(module, tensors), name);
  text += "\n// ---- runs ----\n\n" + runs(module, tensors);
  text += accessors(tensors, Tensor::Role::kParameter, "parameters", names, all_axes);
  text += accessors(tensors, Tensor::Role::kState, "states", names, all_axes);
  text += accessors(tensors, Tensor::Role::kInput, "inputs", names, all_axes);
  text += accessors(tensors, Tensor::Role::kSetting, "settings", names, all_axes);
  text += accessors(tensors, Tensor::Role::kOutput, "outputs", names, all_axes);
  return text + owned("kModel");
}

const ir::Buffer& position_of(const ir::Module& decoder) {
  const ir::Program& step = decoder.train;
  CHECK(step.present >= 0, "a decoder knows its position");
  return step.buffers[static_cast<std::size_t>(step.present)];
}

// What the caller of a decoder fills and reads: not its position, and no target of a training step.
std::vector<Tensor> tensors_of_step(const ir::Module& decoder) {
  const ir::Program& step = decoder.train;
  std::set<const ir::Buffer*> used;
  for (const ir::Kernel& kernel : step.kernels)
    ir::each_access(kernel, [&](int buffer, const ir::Affine&, int, bool) {
      used.insert(&step.buffers[static_cast<std::size_t>(buffer)]);
    });
  used.erase(&position_of(decoder));
  std::vector<Tensor> tensors = tensors_of(decoder);
  std::erase_if(tensors, [&](const Tensor& tensor) { return !used.contains(tensor.buffer); });
  return tensors;
}

// The shape of an input or output as it was declared.
const Shape& declared_shape(const Graph& graph, const Tensor& tensor) {
  for (const Output& output : graph.outputs)
    if (tensor.role == Tensor::Role::kOutput && output.name == std::string_view(tensor.name))
      return graph[output.node].type.shape;
  const int leaf = graph.find_leaf(tensor.name);
  CHECK(leaf >= 0, tensor.name + " was not declared");
  return graph[graph.leaves[static_cast<std::size_t>(leaf)].node].type.shape;
}

std::string emit_decoder_class(const ir::Module& module) {
  const std::string name = decoder_struct_of(module);
  Names names = names_beside(module, {"load", "step", "kPositions"});
  const std::vector<Tensor> tensors = tensors_of_step(module.decoder.front());
  // Without those along the time, of which there is one position.
  const auto axes_of = [&](const Tensor& tensor) {
    Axes axes = all_axes(tensor);
    const Shape& declared = declared_shape(module.declared, tensor);
    std::erase_if(axes, [&](int axis) { return declared[axis].time; });
    return axes;
  };
  std::string text = comment(
      fmt::format("{}, one position after the other, each from its inputs and from what is kept of "
                  "those before it. Owns its memory and its threads; allocates when it is made and "
                  "never again. One thread at a time may use it.",
                  struct_of(module)));
  text +=
      fmt::format("class {} {{\n public:\n{}\nexplicit {}(int threads = 1);\n", name,
                  constant("kPositions", module.declared.time_dim.size, "of the longest sequence") +
                      memory_facts(module.decoder.front()),
                  name);
  text += "\n// ---- runs ----\n\n" +
          comment(
              "Takes over parameters, settings and states of the model. The next sequence "
              "begins at position 0.");
  text += fmt::format("void load(const {}& whole);\n", struct_of(module));
  text += comment(
      "The outputs at `position` from the inputs there; neither have an axis along the time. A "
      "sequence begins at 0 and goes on one by one; it may go back, and on from there. Inputs that "
      "belong to no position, such as the source of a translation, are there from 0 on and stay as "
      "they are.");
  text += fmt::format("void step(std::int64_t position{});\n",
                      has_batch(module) ? ", std::int64_t batch = kMaxBatch" : "");
  text += accessors(tensors, Tensor::Role::kInput, "inputs of a position", names, axes_of);
  text += accessors(tensors, Tensor::Role::kOutput, "outputs of a position", names, axes_of);
  return text + owned("kModel.decoder");
}

// The constructor; `description` is the class's Model.
std::string emit_constructor(const ir::Module& module, const std::string& name,
                             const char* description, bool several) {
  const std::vector<Tensor> tensors = tensors_of(module);
  std::string body =
      several ? "kModel.target();  // throws if there is none for this machine\n" : "";
  for (const Tensor& tensor : tensors)
    if (tensor.role == Tensor::Role::kSetting)
      body += fmt::format("*at<{}>({}) = {}tensors[{}].initializer.a;\n",
                          element_type(tensor.buffer->element), tensor.buffer->offset, description,
                          &tensor - tensors.data());
  return fmt::format("{0}::{0}(int threads) : team_(threads) {{\n{1}}}\n\n", name, body);
}

std::string emit_batch_check(const ir::Module& module, const std::string& name) {
  if (!has_batch(module)) return "";
  return fmt::format(
      "if (batch < 1 || batch > kMaxBatch) throw std::out_of_range(\"{}: a batch is 1 to {}\");\n",
      name, module.declared.batch_dim.size);
}

// What a decoder takes over from the model: as bytes that lie in one piece in both.
struct Piece {
  std::int64_t from = 0, to = 0, bytes = 0;
};

std::vector<Piece> shared_pieces(const ir::Module& module) {
  constexpr std::int64_t kAlignment = 64;  // of each tensor
  std::vector<Piece> pieces;
  const std::vector<Tensor> whole = tensors_of(module);
  for (const Tensor& to : tensors_of(module.decoder.front())) {
    if (to.role == Tensor::Role::kInput || to.role == Tensor::Role::kOutput) continue;
    const auto from = std::find_if(whole.begin(), whole.end(), [&](const Tensor& tensor) {
      return tensor.role == to.role && tensor.name == to.name;
    });
    if (from == whole.end()) continue;  // a cache
    CHECK(from->buffer->strides == to.buffer->strides, to.name + " lies in two ways");
    const Piece piece{from->buffer->offset, to.buffer->offset, to.buffer->bytes()};
    if (!pieces.empty()) {
      Piece& last = pieces.back();
      const std::int64_t next = (last.bytes + kAlignment - 1) / kAlignment * kAlignment;
      if (piece.from == last.from + next && piece.to == last.to + next) {
        last.bytes = next + piece.bytes;
        continue;
      }
    }
    pieces.push_back(piece);
  }
  return pieces;
}

std::string emit_decoder_members(const ir::Module& module, bool several) {
  const ir::Module& decoder = module.decoder.front();
  const std::string name = decoder_struct_of(module);
  std::string text = emit_constructor(decoder, name, "kModel.decoder->", several);
  std::string copies;
  for (const Piece& piece : shared_pieces(module))
    copies += fmt::format("std::copy_n(whole.arena() + {}, {}, arena_.data() + {});\n", piece.from,
                          piece.bytes, piece.to);
  text += fmt::format("void {}::load(const {}&{}) {{\n{}}}\n\n", name, struct_of(module),
                      copies.empty() ? "" : " whole", copies);
  text += fmt::format("void {}::step(std::int64_t position{}) {{\n", name,
                      has_batch(module) ? ", std::int64_t batch" : "");
  text += fmt::format(
      "if (position < 0 || position >= kPositions)\n"
      "throw std::out_of_range(\"{}: a position is 0 to {}\");\n",
      name, module.declared.time_dim.size - 1);
  text += emit_batch_check(module, name);
  text += fmt::format("*at<std::int32_t>({}) = static_cast<std::int32_t>(position);\n",
                      position_of(decoder).offset);
  return text + fmt::format("kModel.decoder->train.run(arena_.data(), {}, team_);\n}}\n\n",
                            has_batch(module) ? "batch" : "1");
}

}  // namespace

std::string namespace_of(const ir::Module& module) { return identifier(module.declared.name); }
std::string struct_of(const ir::Module& module) { return camel_case(module.declared.name); }

std::string emit_api(const ir::Module& module, const Options& options) {
  std::string text = fmt::format(
      "namespace {} {{\n\n"
      "// What any program can know about the model: tensors, kernels, entries.\n"
      "extern const gradc::core::Model kModel;\n\n",
      namespace_of(module));
  text += emit_class(module, options);
  if (!module.decoder.empty()) text += emit_decoder_class(module);
  return text + fmt::format("}}  // namespace {}\n\n", namespace_of(module));
}

std::string emit_api_members(const ir::Module& module, bool several) {
  const std::vector<Tensor> tensors = tensors_of(module);
  const std::string name = struct_of(module);
  const int loss = loss_of(module, tensors);
  std::string text = emit_constructor(module, name, "kModel.", several);
  const auto add = [&](const ir::Program& program, const char* function, const char* entry,
                       bool gives_loss) {
    if (program.kernels.empty()) return;
    const bool returns = gives_loss && loss >= 0;
    text += fmt::format("{} {}::{}({}) {{\n", returns ? element_type(module.declared.real) : "void",
                        name, function, has_batch(module) ? "std::int64_t batch" : "");
    text += emit_batch_check(module, name);
    text += fmt::format("kModel.{}.run(arena_.data(), {}, team_);\n", entry,
                        has_batch(module) ? "batch" : "1");
    if (returns) {
      const ir::Buffer& buffer = *tensors[static_cast<std::size_t>(loss)].buffer;
      text += fmt::format("return *at<{}>({});\n", element_type(buffer.element), buffer.offset);
    }
    text += "}\n\n";
  };
  add(module.train, "train_step", "train", true);
  add(module.evaluate, "evaluate", "evaluate", false);
  add(module.predict, "predict", "predict", false);
  if (!module.decoder.empty()) text += emit_decoder_members(module, several);
  return text;
}

}  // namespace gradc::emit
