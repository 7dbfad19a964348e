#include <gradc/dsl.h>
#include <ir/attribute_forms.h>
#include <ir/print.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <set>

namespace gradc::ir {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a name can stand after % or @, or before the = of a dimension, without quotes.
bool is_plain(std::string_view name, std::string_view also) {
  if (name.empty() || !is_letter(name[0])) return false;
  for (const char c : name)
    if (!is_letter(c) && !is_digit(c) && also.find(c) == also.npos) return false;
  return true;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
      result += escape;
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string plain_or_quoted(std::string_view name, std::string_view also = {}) {
  return is_plain(name, also) ? std::string(name) : quoted(name);
}

// A number with the option that sets it, if there is one.
std::string number_of(std::string_view option, std::int64_t number) {
  return (option.empty() ? "" : plain_or_quoted(option) + "=") + std::to_string(number);
}

std::string print_dim(const Dim& dim) {
  std::string text;
  if (dim.name[0] != '\0') text = plain_or_quoted(dim.name) + "=";
  text += std::to_string(dim.size);
  if (dim.batched) text += "*";
  if (dim.time) text += "~";
  return text;
}

class Printer {
 public:
  Printer(const Graph& graph, const PrintOptions& options)
      : graph_(graph), options_(options), names_(value_names(graph)) {
    const auto collect = [&](const Dim& dim) {
      if (dim.option && dim.name[0] != '\0') option_names_.insert(dim.name);
    };
    collect(graph.batch_dim);
    collect(graph.time_dim);
    for (const Node& node : graph.nodes)
      for (const Dim& each : node.type.shape) collect(each);
  }

  std::string print() {
    header();
    if (options_.locations)
      for (const Text& file : graph_.files) line("file " + quoted(file));
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i)
      line(value(i) + " = " + node(i) + location(graph_.nodes[i].location));
    for (const Output& output : graph_.outputs)
      line("output " + quoted(output.name) + " " + value(output.node) + location(output.location));
    for (const Update& update : graph_.updates)
      line("update " + value(update.leaf) + " = " + value(update.node) + location(update.location));
    if (graph_.loss >= 0) line("minimize " + value(graph_.loss));
    for (const ConfigFact& fact : graph_.config_facts)
      line("config " + quoted(fact.key) + " " + number_of(fact.option, fact.value) +
           location(fact.location));
    if (graph_.data.kind != Dataset::Kind::kNone) dataset();
    return text_ + "}\n";
  }

 private:
  void line(const std::string& text) { text_ += "  " + text + "\n"; }

  // Faithful to ill-formed graphs as well, for they are printed to find out what is wrong.
  std::string value(int node) const {
    const bool known = node >= 0 && node < static_cast<int>(names_.size());
    return "%" + (known ? names_[node] : "undefined." + std::to_string(node));
  }

  std::string location(const Location& place) const {
    if (!options_.locations || place.file < 0) return "";
    return " loc(" + quoted(graph_.files[place.file]) + ":" + std::to_string(place.line) + ":" +
           std::to_string(place.column) + ")";
  }

  // A dimension named like an option is one, as a rule; `!` marks exceptions.
  std::string dim(const Dim& dim) const {
    const bool expected = option_names_.count(dim.name) > 0;
    return print_dim(dim) + (dim.option != expected ? "!" : "");
  }

  std::string type(const Type& type) const {
    std::string text = name_of(type.element);
    if (type.poisoned() && type.shape.empty()) return text;
    text += "[";
    for (int axis = 0; axis < type.rank(); ++axis)
      text += (axis > 0 ? ", " : "") + dim(type.shape[axis]);
    return text + "]";
  }

  void header() {
    text_ = "graph @" + plain_or_quoted(graph_.name, "/.-");
    if (!option_names_.empty()) {
      text_ += " options [";
      for (const std::string& name : option_names_)
        text_ += (text_.back() == '[' ? "" : ", ") + plain_or_quoted(name);
      text_ += "]";
    }
    if (graph_.real != Element::kF32) text_ += std::string(" ") + name_of(graph_.real);
    if (graph_.batch_dim.size != 0) {
      Dim batch = graph_.batch_dim;
      batch.batched = false;
      if (std::string_view(batch.name) == "batch") batch.name = "";
      text_ += " batch " + dim(batch);
    }
    if (graph_.time_dim.size != 0) {
      Dim time = graph_.time_dim;
      time.time = false;
      if (std::string_view(time.name) == "time") time.name = "";
      text_ += " time " + dim(time);
    }
    if (graph_.steps != 0) text_ += " steps " + std::to_string(graph_.steps);
    text_ += " {\n";
  }

  std::string node(int i) const {
    const Node& node = graph_.nodes[i];
    if (const Leaf* leaf = leaf_at(i)) return this->leaf(*leaf, i);
    const int op = static_cast<int>(node.op);
    std::string text = op < Ops::size ? kOpTable[op].name : "op" + std::to_string(op);
    for (const int operand : node.operands) text += " " + value(operand);
    return text + attributes(node) + " : " + type(node.type);
  }

  const Leaf* leaf_at(int i) const {
    const Node& node = graph_.nodes[i];
    if (node.op != op_of<LeafOp> || node.attributes.ints.size() != 1) return nullptr;
    const std::int64_t index = node.attributes.ints[0];
    if (index < 0 || index >= static_cast<std::int64_t>(graph_.leaves.size())) return nullptr;
    return graph_.leaves[index].node == i ? &graph_.leaves[index] : nullptr;
  }

  std::string leaf(const Leaf& leaf, int i) const {
    std::string text = name_of(leaf.role);
    if (names_[i] != leaf.name.str()) text += " " + quoted(leaf.name);
    text += " " + type(graph_.nodes[i].type);
    if (leaf.classes != 0) text += " classes " + number_of(leaf.classes_option, leaf.classes);
    if (leaf.role == Role::kInput && leaf.initializer == Initializer{}) return text;
    if (leaf.role == Role::kSetting && leaf.initializer.kind == Initializer::Kind::kConstant)
      return text + " " + print_number(leaf.initializer.a);
    return text + " " + initializer(leaf.initializer);
  }

  static std::string initializer(const Initializer& initializer) {
    const std::string a = print_number(initializer.a), b = print_number(initializer.b);
    switch (initializer.kind) {
      case Initializer::Kind::kConstant:
        return "constant(" + a + ")";
      case Initializer::Kind::kNormal:
        return "normal(" + a + ", " + b + ")";
      case Initializer::Kind::kUniform:
        return "uniform(" + a + ", " + b + ")";
    }
    return "";
  }

  static std::string list(const List<std::int64_t, 16>& ints, int from, int to) {
    std::string text = "[";
    for (int i = from; i < to; ++i) text += (i > from ? ", " : "") + std::to_string(ints[i]);
    return text + "]";
  }

  static std::string attributes(const Node& node) {
    using enum AttributeForm::Layout;
    const auto& ints = node.attributes.ints;
    if (!fits_form(node.op, node.attributes))
      return " ints " + list(ints, 0, ints.size()) + " value " +
             print_number(node.attributes.value);
    const AttributeForm form = attribute_form(node.op);
    const std::string word = *form.word == '\0' ? " " : std::string(" ") + form.word + " ";
    switch (form.layout) {
      case kNone:
        return "";
      case kValue:
        return " " + print_number(node.attributes.value);
      case kInteger:
        return word + std::to_string(ints[0]);
      case kList:
        return word + list(ints, 0, ints.size());
      case kTwoLists: {
        const int half = ints.size() / 2;
        return word + list(ints, 0, half) + " " + form.second + " " + list(ints, half, 2 * half);
      }
      case kPairs: {
        const ContractAxes axes = ContractAxes::decode(node.attributes);
        return pairs(form.word, axes.left_over, axes.right_over) +
               pairs(form.second, axes.left_batch, axes.right_batch);
      }
    }
    return "";
  }

  static std::string pairs(const char* word, const Axes& left, const Axes& right) {
    std::string text;
    for (int i = 0; i < left.size(); ++i)
      text += " (" + std::to_string(left[i]) + ", " + std::to_string(right[i]) + ")";
    return text.empty() ? "" : std::string(" ") + word + text;
  }

  void dataset() {
    const Dataset& data = graph_.data;
    std::string text = std::string("dataset ") + dataset_word(data.kind);
    if (data.window.size != 0) text += " window " + dim(data.window);
    if (data.source.size != 0) text += " source " + dim(data.source);
    if (data.examples != 0) text += " examples " + std::to_string(data.examples);
    if (data.noise != 0) text += " noise " + print_number(data.noise);
    text += data.order == Dataset::Order::kRandom ? " random" : " sequential";
    if (data.split) text += " split";
    line(text);
  }

  static const char* dataset_word(Dataset::Kind kind) {
    return kDatasetWords[static_cast<int>(kind)];
  }

  const Graph& graph_;
  const PrintOptions& options_;
  const std::vector<std::string> names_;
  std::set<std::string> option_names_;
  std::string text_;
};

}  // namespace

std::string print(const Graph& graph, const PrintOptions& options) {
  return Printer(graph, options).print();
}

std::vector<std::string> value_names(const Graph& graph) {
  std::vector<std::string> names(graph.nodes.size());
  std::set<std::string> taken;
  for (const Leaf& leaf : graph.leaves) {
    if (leaf.node < 0 || leaf.node >= static_cast<int>(names.size())) continue;
    if (is_plain(leaf.name, "/.-") && taken.insert(leaf.name.str()).second)
      names[leaf.node] = leaf.name.str();
  }
  int next = 1;
  for (std::string& name : names)
    if (name.empty()) name = std::to_string(next++);
  return names;
}

std::string print_number(double value) {
  if (std::isnan(value)) return std::signbit(value) ? "-nan" : "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char digits[32];
  const bool whole = std::trunc(value) == value && std::abs(value) < 1e15;
  const auto end =
      whole ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr
            : std::to_chars(digits, digits + sizeof digits, value).ptr;
  return std::string(digits, end);
}

std::string print_type(const Type& type) {
  std::string text = name_of(type.element);
  if (type.poisoned() && type.shape.empty()) return text;
  text += "[";
  for (int axis = 0; axis < type.rank(); ++axis)
    text += (axis > 0 ? ", " : "") + print_dim(type.shape[axis]);
  return text + "]";
}

bool identical(const Graph& a, const Graph& b) {
  const auto flat = [](Graph graph) {
    Writer writer;
    transfer(writer, graph);
    return std::move(writer.out);
  };
  const Frozen x = flat(a), y = flat(b);
  // Numbers by their bits: -0 is not 0, and a NaN is itself.
  const auto bits = [](double p, double q) {
    return std::bit_cast<std::int64_t>(p) == std::bit_cast<std::int64_t>(q);
  };
  return x.words == y.words && x.text == y.text &&
         std::equal(x.reals.begin(), x.reals.end(), y.reals.begin(), y.reals.end(), bits);
}

}  // namespace gradc::ir
