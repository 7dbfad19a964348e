// Blocks of transformers, with the parameter names of GPT-2.
#pragma once

#include <gradc/attention.h>

namespace gradc::nn {

struct BlockOptions {
  std::int64_t heads = 1;
  Visibility visibility = {.causal = true};
  double dropout = 0;
  bool attention_bias = true;  // of the queries, keys and values
  bool relu = false;           // between the two layers, instead of GELU
  Initializer weight = normal(0.02);
  Initializer projection = normal(0.02);  // of the two layers that add to the residual stream
};

// x + attention(norm(x)), then x + mlp(norm(x)): x [B, T, C], the layer between 4 C wide. Radford
// et al. (2019).
constexpr Tensor gpt_block(const Scope& scope, Operand x, const BlockOptions& options) {
  const Graph::At at(scope.graph(), x.where);
  const Dim width = x.tensor.dim(-1);
  const LinearOptions inner{.weight = options.weight}, outer{.weight = options.projection};
  const Scope attention = scope / "attn", mlp = scope / "mlp";

  const Tensor qkv = linear(attention / "c_attn", layer_norm(scope / "ln_1", x), 3 * width.size,
                            {.bias = options.attention_bias, .weight = options.weight});
  const auto part = [&](int i) {
    return split_heads(slice(qkv, 2, i * width.size, width.size), options.heads);
  };
  const Tensor mixed =
      merge_heads(attend(part(0), part(1), part(2), options.visibility, options.dropout));
  const Tensor y = x + dropout(linear(attention / "c_proj", mixed, width, outer), options.dropout);

  const Tensor wide = linear(mlp / "c_fc", layer_norm(scope / "ln_2", y), 4 * width.size, inner);
  const Tensor active = options.relu ? gradc::relu(wide) : gelu_tanh(wide);
  return y + dropout(linear(mlp / "c_proj", active, width, outer), options.dropout);
}

}  // namespace gradc::nn
