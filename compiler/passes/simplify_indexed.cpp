// Gather and scatter, and contractions with one-hot rows, which are one of the two.
#include "passes/algebra.h"
#include "passes/simplify.h"

namespace gradc::passes {
namespace {

Match scatter_zero(const Site& site) {
  if (!site.is<Scatter>() || !is_constant(site[0], 0)) return {};
  return filled(site.graph, 0, site.type().shape);
}

bool counts_up(const Axes& axes, int from) {
  for (int i = 0; i < axes.size(); ++i)
    if (axes[i] != from + i) return false;
  return true;
}

// sum_c one_hot(t)[.., c] w[c, ..] = w[t, ..]
Match one_hot_times_table(const Site& site) {
  if (!site.is<Contract>()) return {};
  const ContractAxes axes = ContractAxes::decode(site.node.attributes);
  if (!axes.left_batch.empty() || axes.left_over.size() != 1 || axes.right_over[0] != 0) return {};
  if (site[1].shape()[0].batched) return {};
  const std::optional<OneHot> rows = as_one_hot(site[0]);
  if (!rows || rows->axis != axes.left_over[0]) return {};
  return gather(site[1], rows->tokens);
}

// sum_i one_hot(t)[i, c] g[i, ..] = scatter(g, t)[c, ..]: each g[i] is added to row t[i].
Match one_hot_times_rows(const Site& site) {
  if (!site.is<Contract>()) return {};
  const ContractAxes axes = ContractAxes::decode(site.node.attributes);
  const std::optional<OneHot> rows = as_one_hot(site[0]);
  if (!rows || !axes.left_batch.empty() || rows->axis != site[0].rank() - 1) return {};
  if (axes.left_over.size() != rows->axis || axes.left_over.empty()) return {};
  if (!counts_up(axes.left_over, 0) || !counts_up(axes.right_over, 0)) return {};
  if (site.type().shape[0].batched) return {};
  return scatter(site[1], rows->tokens, site.type().shape[0].size);
}

}  // namespace

std::span<const Rule> indexed_rules() {
  static const Rule rules[] = {
      {"scatter(0, i) = 0", scatter_zero},
      {"contract(one_hot(i), x) = gather(x, i)", one_hot_times_table},
      {"contract(transpose(one_hot(i)), x) = scatter(x, i)", one_hot_times_rows},
  };
  return rules;
}

}  // namespace gradc::passes
