#include "driver/dot.h"

#include "ir/print.h"

namespace gradc::driver {
namespace {

std::string quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else
      quoted += c;
  }
  return quoted + "\"";
}

std::string shape_of(const Type& type) { return to_text(type.shape).str(); }

class Picture {
 public:
  explicit Picture(const Graph& graph) : graph_(graph) {}

  std::string draw() {
    text_ = "digraph " + quoted(graph_.name.str()) + " {\n" +
            "  rankdir=TB;\n"
            "  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];\n"
            "  edge [fontname=\"Helvetica\", fontsize=9, color=gray40, fontcolor=gray30];\n\n";
    for (int i = 0; i < size(); ++i) draw_node(i);
    text_ += "\n";
    for (int i = 0; i < size(); ++i)
      for (int operand : graph_.nodes[i].operands) draw_edge(operand, "n" + std::to_string(i));
    text_ += "\n";
    draw_results();
    return text_ + "}\n";
  }

 private:
  int size() const { return static_cast<int>(graph_.nodes.size()); }

  void draw_node(int i) {
    const Node& node = graph_.nodes[i];
    text_ += "  n" + std::to_string(i) + " [";
    if (const Leaf* leaf = graph_.leaf_of(i); leaf != nullptr) {
      const bool given = leaf->role == Role::kInput || leaf->role == Role::kSetting;
      text_ += "label=" + quoted(leaf->name.str() + "\n" + name_of(leaf->role) + " " +
                                 to_text(node.type).str());
      text_ += given ? ", shape=box, style=\"filled,rounded\", fillcolor=\"#e8f0fe\""
                     : ", shape=box, fillcolor=\"#fef3d8\"";
    } else if (node.op == op_of<Constant>) {
      text_ += "label=" + quoted(ir::print_number(node.attributes.value)) +
               ", shape=plaintext, style=\"\"";
    } else {
      text_ += "label=" + quoted(info_of(node.op).name);
    }
    text_ += "];\n";
  }

  void draw_edge(int from, const std::string& to) {
    text_ += "  n" + std::to_string(from) + " -> " + to;
    // A scalar's shape, [], says nothing.
    if (graph_.nodes[from].type.rank() > 0)
      text_ += " [label=" + quoted(shape_of(graph_.nodes[from].type)) + "]";
    text_ += ";\n";
  }

  void draw_result(const std::string& id, const std::string& label, int node) {
    text_ += "  " + id + " [label=" + quoted(label) +
             ", shape=box, style=\"filled,rounded\", fillcolor=\"#e6f4ea\"];\n";
    draw_edge(node, id);
  }

  void draw_results() {
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i)
      draw_result("output" + std::to_string(i), "output " + graph_.outputs[i].name.str(),
                  graph_.outputs[i].node);
    if (graph_.loss >= 0) draw_result("loss", "loss", graph_.loss);
    for (const Update& update : graph_.updates)
      text_ += "  n" + std::to_string(update.node) + " -> n" + std::to_string(update.leaf) +
               " [label=\"update\", style=dashed, constraint=false];\n";
  }

  const Graph& graph_;
  std::string text_;
};

}  // namespace

std::string dot(const Graph& graph) { return Picture(graph).draw(); }

}  // namespace gradc::driver
