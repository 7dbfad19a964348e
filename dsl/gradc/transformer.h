// Blocks of transformers: those of GPT-2, with its parameter names, and the first ones.
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

// --- Norms after the residual, Vaswani et al. (2017) ---------------------------------------------

struct PostNormOptions {
  std::int64_t heads = 1;
  Dim hidden = 1;      // of the layer between
  double dropout = 0;  // of what is added to the residual
};

namespace detail {

// norm(x + dropout(change)).
constexpr Tensor add_norm(const Scope& scope, Tensor x, Tensor change,
                          const PostNormOptions& options) {
  return layer_norm(scope, x + dropout(change, options.dropout));
}

// x [B, T, C] that has looked at memory [B, S, C].
constexpr Tensor attended(const Scope& scope, Tensor x, Tensor memory, const Visibility& visibility,
                          const PostNormOptions& options) {
  const Tensor change = attention(scope, x, memory,
                                  {.heads = options.heads,
                                   .visibility = visibility,
                                   .projection = {.bias = false},
                                   .output = {.bias = false}});
  return add_norm(scope / "norm", x, change, options);
}

// Two layers with ReLU between them, at each position by itself.
constexpr Tensor feed_forward(const Scope& scope, Tensor x, const PostNormOptions& options) {
  const Tensor wide = relu(linear(scope / "0", x, options.hidden));
  return add_norm(scope / "norm", x, linear(scope / "1", wide, x.dim(-1)), options);
}

}  // namespace detail

// x [B, S, C] that has looked at itself, as far as `visibility` says: scopes "attention", "mlp".
constexpr Tensor encoder_block(const Scope& scope, Operand x, const Visibility& visibility,
                               const PostNormOptions& options) {
  const Graph::At at(scope.graph(), x.where);
  const Tensor y = detail::attended(scope / "attention", x.tensor, x.tensor, visibility, options);
  return detail::feed_forward(scope / "mlp", y, options);
}

// x [B, T, C] that has looked at itself, backwards, and at memory [B, S, C], as far as `visibility`
// says: scopes "attention", "cross", "mlp".
constexpr Tensor decoder_block(const Scope& scope, Operand x, Operand memory,
                               const Visibility& visibility, const PostNormOptions& options) {
  const Graph::At at(scope.graph(), x.where);
  const Tensor y =
      detail::attended(scope / "attention", x.tensor, x.tensor, {.causal = true}, options);
  const Tensor z = detail::attended(scope / "cross", y, memory.tensor, visibility, options);
  return detail::feed_forward(scope / "mlp", z, options);
}

}  // namespace gradc::nn
