#include "passes/simplify.h"

namespace gradc::passes {

const std::vector<ir::Rule>& simplify_rules() {
  static const std::vector<ir::Rule> rules = [] {
    std::vector<ir::Rule> all;
    for (const auto family :
         {constant_rules(), arithmetic_rules(), view_rules(), broadcast_rules(), reduction_rules(),
          softmax_rules(), indexed_rules(), contraction_rules(), scalar_rules()})
      all.insert(all.end(), family.begin(), family.end());
    return all;
  }();
  return rules;
}

Graph simplify(const Graph& graph) {
  // A sweep carries a factor through the whole graph; what needs another is what a rule wrote.
  constexpr int kMostSweeps = 1000;
  return ir::rewrite_until_stable(graph, simplify_rules(), kMostSweeps);
}

}  // namespace gradc::passes
