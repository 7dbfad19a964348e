#include "emit/nests.h"

#include "emit/sketch.h"

namespace gradc::emit_test {
namespace {

// Values of softmax over `j` in a row of x, in two stages; gives the value of an element.
struct Softmax {
  int exponential, total;
};
Softmax softmax_stages(KernelSketch& k, int x, int b, int j) {
  const int z = k.load(x, {b, j});
  k.stage({j});
  const int shifted = k.apply<Sub>(z, k.max(z));
  const int exponential = k.apply<Exp>(shifted);
  k.stage({j});
  return {exponential, k.sum(exponential)};
}

}  // namespace

ir::Module row_module(const std::string& name, Element real, std::int64_t n,
                      std::int64_t max_batch) {
  Sketch s(real, max_batch);
  const int x = s.input("x", {s.batch(), n});
  const int tanh_x = s.output("tanh_x", {s.batch(), n});
  const int p = s.output("p", {s.batch(), n});
  const int packed = s.output("packed", {s.batch(), n});
  const int largest = s.output("largest", {s.batch()});
  const int w = s.parameter("w", {n});
  const int parts = s.input("parts", {s.batch(), 20, n});
  const int normed = s.output("normed", {s.batch(), 20, n});
  const int inverse = s.output("inverse", {s.batch(), 20});
  const int middle = s.output("middle", {s.batch(), 20});
  s.pack(packed);
  {
    KernelSketch k(s, "tanh");
    const int b = k.row(s.batch()), j = k.row(n);
    k.lanes(j);
    k.store(k.apply<Tanh>(k.load(x, {b, j})), tanh_x, {b, j});
  }
  {
    KernelSketch k(s, "softmax");
    const int b = k.row(s.batch()), j = k.axis(n);
    k.lanes(j);
    const auto [exponential, total] = softmax_stages(k, x, b, j);
    k.stage({j});
    k.store(k.apply<Div>(exponential, total), p, {b, j});
  }
  {
    KernelSketch k(s, "packed rows");
    const int b = k.row(s.batch()), j = k.axis(n);
    k.lanes(j);
    const int value = k.load(x, {b, j});
    k.stage({j});
    const int top = k.max(value);
    k.store(k.apply<Mul>(value, value), packed, {b, j});
    k.row_store(top, largest, {b});
  }
  {
    KernelSketch k(s, "norm");
    const int b = k.row(s.batch()), c = k.row(20), j = k.axis(n);
    k.lanes(j);
    const int value = k.apply<Add>(k.load(parts, {b, c, j}), k.load(w, {j}));
    k.stage({j});
    const int mean = k.apply<Mul>(k.sum(value), k.constant(1. / static_cast<double>(n)));
    k.row_store(mean, middle, {b, c});
    const int apart = k.apply<Sub>(value, mean);
    const int place = k.apply<Add>(k.apply<Cast>(k.index(c)), k.apply<Cast>(k.index(j)));
    k.stage({j});
    const int squares = k.sum(k.apply<Mul>(apart, apart));
    const int root = k.apply<Sqrt>(k.apply<Add>(squares, k.constant(1)));
    const int one_over = k.apply<Div>(k.constant(1), root);
    k.row_store(one_over, inverse, {b, c});
    k.stage({j});
    k.store(k.apply<Add>(k.apply<Mul>(apart, one_over), place), normed, {b, c, j});
  }
  return s.module(name);
}

ir::Module column_module(const std::string& name, Element real, std::int64_t n,
                         std::int64_t max_batch) {
  Sketch s(real, max_batch);
  const int x = s.input("x", {s.batch(), n});
  const int target = s.tokens("target", {s.batch()}, n);
  const int context = s.tokens("context", {s.batch(), 3}, 7);
  const int lr = s.setting("learning_rate", 0.1);
  const int w = s.parameter("w", {n});
  const int table = s.parameter("table", {7, n});
  const int loss_rows = s.temporary("loss_rows", {s.batch()});
  const int loss = s.output("loss", {});
  const int grad = s.output("grad", {s.batch(), n});
  const int rows = s.output("rows", {s.batch(), 3 * n});
  const int scattered = s.output("scattered", {7, n});
  const int updated = s.output("updated", {7, n});
  const int turned = s.output("turned", {n, s.batch()});
  const int back = s.output("back", {s.batch(), n});
  const int variance = s.output("variance", {s.batch()});
  const int table_turned = s.output("table_turned", {n, 7});
  const int x_turned = s.output("x_turned", {n, s.batch()});
  s.pack(table_turned);
  {
    KernelSketch k(s, "cross-entropy");
    const int b = k.row(s.batch()), j = k.axis(n);
    k.lanes(j);
    const auto [exponential, total] = softmax_stages(k, x, b, j);
    const int hot = k.apply<Equal>(k.apply<Cast>(k.index(j)), k.apply<Cast>(k.load(target, {b})));
    k.stage({j});
    const int probability = k.apply<Div>(exponential, total);
    const int right = k.sum(k.apply<Mul>(hot, probability));
    const int difference = k.apply<Sub>(probability, hot);
    k.store(k.apply<Div>(difference, k.extent()), grad, {b, j});
    k.row_store(k.apply<Neg>(k.apply<Log>(right)), loss_rows, {b});
  }
  {
    KernelSketch k(s, "mean loss");
    const int b = k.axis(s.batch());
    k.stage({b});
    const int total = k.sum(k.load(loss_rows, {b}));
    k.row_store(k.apply<Div>(total, k.extent()), loss, {});
  }
  {
    KernelSketch k(s, "column sums + update");
    const int j = k.row(n), b = k.axis(s.batch());
    k.lanes(j);
    k.stage({b});
    const int total = k.sum(k.load(grad, {b, j}));
    const int step = k.apply<Mul>(k.load(lr, {}), total);
    k.row_store(k.apply<Sub>(k.load(w, {j}), step), w, {j});
  }
  {
    KernelSketch k(s, "gather");
    const int b = k.row(s.batch()), c = k.row(3), e = k.row(n);
    k.lanes(e);
    const int value = k.load_row(table, k.load(context, {b, c}), {e});
    k.store_split(value, rows, {b, c, e}, n);
  }
  {
    // Each stage with axes of its own, the lanes in the last.
    KernelSketch k(s, "zero + scatter + update");
    k.sequential();
    const int z = k.axis(7), f = k.axis(n), b = k.axis(s.batch()), c = k.axis(3), e = k.axis(n);
    const int r = k.axis(7), j = k.axis(n);
    k.lanes(j);
    k.stage({z, f});
    k.store(k.constant(0), scattered, {z, f});
    k.stage({b, c, e});
    const int update = k.apply<Mul>(k.load(x, {b, e}), k.load(w, {e}));
    k.store_row(update, scattered, k.load(context, {b, c}), {e}, true);
    k.stage({r, j});
    k.store(k.apply<Sub>(k.load(table, {r, j}), k.load(scattered, {r, j})), updated, {r, j});
  }
  {
    KernelSketch k(s, "transposed store");
    const int b = k.row(s.batch()), j = k.row(n);
    k.lanes(j);
    k.store(k.apply<Abs>(k.load(x, {b, j})), turned, {j, b});
  }
  {
    KernelSketch k(s, "transposed load");
    const int b = k.row(s.batch()), j = k.row(n);
    k.lanes(j);
    const int value = k.load(turned, {j, b});
    k.store(k.apply<Add>(value, k.load(w, {j})), back, {b, j});
  }
  {
    KernelSketch k(s, "transposed table");
    const int e = k.row(n), r = k.row(7);
    k.lanes(r);
    k.store(k.load(table, {r, e}), table_turned, {e, r});
  }
  {
    KernelSketch k(s, "transposed batch");
    const int j = k.row(n), b = k.row(s.batch());
    k.lanes(b);
    k.store(k.load(x, {b, j}), x_turned, {j, b});
  }
  {
    KernelSketch k(s, "variance");
    const int b = k.row(s.batch()), j = k.axis(n);
    k.lanes(j);
    const int value = k.load(x, {b, j});
    const int count = k.constant(static_cast<double>(n));
    k.stage({j});
    const int mean = k.apply<Div>(k.sum(value), count);
    const int centred = k.apply<Sub>(value, mean);
    k.stage({j});
    const int squares = k.sum(k.apply<Mul>(centred, centred));
    k.row_store(k.apply<Sqrt>(k.apply<Div>(squares, count)), variance, {b});
  }
  return s.module(name);
}

ir::Module batch_module(const std::string& name, Element real, std::int64_t max_batch) {
  Sketch s(real, max_batch);
  const int x = s.input("x", {4, s.batch()});
  const int target = s.tokens("target", {s.batch()}, 6);
  const int table = s.parameter("table", {6, 4});
  const int y = s.output("y", {4, s.batch()});
  const int total = s.output("total", {4});
  const int chosen = s.output("chosen", {s.batch()});
  const int counts = s.output("counts", {6});
  const int turned = s.output("turned", {s.batch(), 4});
  const int around = s.output("around", {});
  const int random = s.output("random", {4, s.batch()});
  const int position = s.output("position", {s.batch()});
  const int longest = s.output("longest", {s.batch(2)});
  {
    KernelSketch k(s, "map");
    const int i = k.row(4), b = k.row(s.batch());
    k.lanes(b);
    k.store(k.apply<Sigmoid>(k.load(x, {i, b})), y, {i, b});
  }
  {
    KernelSketch k(s, "sums");
    const int i = k.row(4), b = k.axis(s.batch());
    k.lanes(b);
    k.stage({b});
    const int value = k.load(y, {i, b});
    k.row_store(k.apply<Add>(k.sum(k.apply<Mul>(value, value)), k.max(value)), total, {i});
  }
  {
    KernelSketch k(s, "choose by lane");
    const int b = k.row(s.batch());
    k.lanes(b);
    const int value = k.load_row(table, k.load(target, {b}), {At::only(2)});
    k.store(k.apply<Mul>(value, k.load(y, {At::only(1), b})), chosen, {b});
  }
  {
    KernelSketch k(s, "zero + count");
    k.sequential();
    const int r = k.axis(6), b = k.axis(s.batch());
    k.lanes(b);
    k.stage({r});
    k.store(k.constant(0), counts, {r});
    k.stage({b});
    k.store_row(k.constant(1), counts, k.load(target, {b}), {}, true);
  }
  {
    KernelSketch k(s, "transposed");
    const int i = k.row(4), b = k.row(s.batch());
    k.lanes(b);
    k.store(k.apply<Maximum>(k.load(x, {i, b}), k.constant(0.25)), turned, {b, i});
  }
  {
    KernelSketch k(s, "lanes around a loop");
    const int b = k.axis(s.batch()), i = k.axis(4);
    k.lanes(b);
    k.stage({b, i});
    k.row_store(k.sum(k.apply<Mul>(k.load(x, {i, b}), k.apply<Exp>(k.load(chosen, {b})))), around,
                {});
  }
  {
    KernelSketch k(s, "random");
    const int i = k.row(4), b = k.row(s.batch());
    k.lanes(b);
    const int along = k.random(1, {{i, max_batch}, {b, 1}}), across = k.random(2, {{i, 1}, {b, 4}});
    k.store(k.apply<Add>(along, across), random, {i, b});
  }
  {
    KernelSketch k(s, "position");
    const int b = k.row(s.batch());
    k.lanes(b);
    const int place = k.apply<Cast>(k.index({b, 2, 1}));
    k.store(k.apply<Where>(k.apply<Less>(place, k.constant(9)), place, k.extent()), position, {b});
  }
  {
    KernelSketch k(s, "twice the batch");
    const int b = k.row(s.batch(2));
    k.lanes(b);
    k.store(k.apply<Cast>(k.index(b)), longest, {b});
  }
  return s.module(name);
}

}  // namespace gradc::emit_test
