#include "emit/contractions.h"

#include "emit/sketch.h"

namespace gradc::emit_test {

ir::Module contraction_module(const std::string& name, Element real, const Extents& e,
                              std::int64_t max_batch) {
  Sketch s(real, max_batch);
  const Dim batch = s.batch();
  const int x = s.input("x", {batch, e.k});
  const int w = s.parameter("w", {e.k, e.n});
  const int v = s.parameter("v", {e.m, e.k});
  const int bias = s.parameter("bias", {e.n});
  const int y = s.output("y", {batch, e.n});
  const int h = s.output("h", {batch, e.n});
  const int raw = s.output("raw", {batch, e.n});
  const int masked = s.output("masked", {batch, e.n});
  const int packed = s.output("packed", {e.m, e.n});
  const int dw = s.parameter("dw", {e.k, e.n});
  const int moment = s.parameter("moment", {e.k, e.n});
  const int xt = s.input("xt", {e.k, batch});
  const int wide = s.output("wide", {e.m, batch});
  const int many_x = s.input("many_x", {batch, 2, e.m, e.k});
  const int many_w = s.parameter("many_w", {2, e.k, e.n});
  const int many = s.output("many", {batch, 2, e.m, e.n});
  const int split = s.output("split", {batch, 2, e.n});
  const int split_x = s.input("split_x", {batch, 2, 2, e.k});
  const int split_w = s.parameter("split_w", {2, e.k, e.n});
  const int vector = s.parameter("vector", {e.k});
  const int row = s.parameter("row", {e.n});
  s.pack(packed);
  {
    KernelSketch k(s, "plain");
    const int b = k.row(batch), j = k.row(e.n), i = k.axis(e.k);
    k.store(k.contract(x, {b, i}, w, {i, j}, {b}, {j}, {i}), y, {b, j});
  }
  {
    KernelSketch k(s, "bias and tanh");
    const int b = k.row(batch), j = k.row(e.n), i = k.axis(e.k);
    const int sum = k.contract(x, {b, i}, w, {i, j}, {b}, {j}, {i});
    k.store(k.apply<Tanh>(k.apply<Add>(sum, k.load(bias, {j}))), h, {b, j});
  }
  {
    KernelSketch k(s, "two results");
    const int b = k.row(batch), j = k.row(e.n), i = k.axis(e.k);
    const int sum = k.contract(x, {b, i}, w, {i, j}, {b}, {j}, {i});
    k.store(sum, raw, {b, j});
    k.store(k.apply<Where>(k.apply<Less>(k.constant(0), k.load(y, {b, j})), sum, k.constant(0)),
            masked, {b, j});
  }
  {
    KernelSketch k(s, "static rows without padding");
    const int r = k.row(e.m), j = k.row(e.n), i = k.axis(e.k);
    const int sum = k.contract(v, {r, i}, w, {i, j}, {r}, {j}, {i});
    k.store(k.apply<Exp>(k.apply<Mul>(sum, k.constant(0.01))), packed, {r, j});
  }
  {
    KernelSketch k(s, "sum over the batch and update");
    const int r = k.row(e.k), j = k.row(e.n), b = k.axis(batch);
    const int sum = k.contract(x, {b, r}, h, {b, j}, {r}, {j}, {b});
    const int step = k.apply<Mul>(sum, k.apply<Div>(k.constant(0.1), k.extent()));
    k.store(k.apply<Sub>(k.load(dw, {r, j}), step), dw, {r, j});
  }
  {
    KernelSketch k(s, "update with a root");
    const int r = k.row(e.k), j = k.row(e.n), b = k.axis(batch);
    const int sum = k.contract(x, {b, r}, y, {b, j}, {r}, {j}, {b});
    const int square = k.apply<Add>(k.apply<Abs>(sum), k.constant(1));
    k.store(k.apply<Add>(k.load(moment, {r, j}), k.apply<Div>(sum, k.apply<Sqrt>(square))), moment,
            {r, j});
  }
  {
    KernelSketch k(s, "lanes along the batch");
    const int r = k.row(e.m), b = k.row(batch), i = k.axis(e.k);
    k.store(k.contract(v, {r, i}, xt, {i, b}, {r}, {b}, {i}), wide, {r, b});
  }
  {
    KernelSketch k(s, "matrices");
    const int b = k.row(batch), c = k.row(2), r = k.row(e.m), j = k.row(e.n), i = k.axis(e.k);
    k.store(k.contract(many_x, {b, c, r, i}, many_w, {c, i, j}, {b, r}, {j}, {i}, {c}), many,
            {b, c, r, j});
  }
  {
    KernelSketch k(s, "two axes each");
    const int b = k.row(batch), c = k.row(2), j = k.row(e.n), d = k.axis(2), i = k.axis(e.k);
    const int sum = k.contract(split_x, {b, c, d, i}, split_w, {d, i, j}, {b, c}, {j}, {d, i});
    k.store(k.apply<Relu>(sum), split, {b, c, j});
  }
  {
    KernelSketch k(s, "no rows, bias and tanh");
    const int j = k.row(e.n), i = k.axis(e.k);
    const int sum = k.contract(vector, {i}, w, {i, j}, {}, {j}, {i});
    k.store(k.apply<Tanh>(k.apply<Add>(sum, k.load(bias, {j}))), row, {j});
  }
  return s.module(name);
}

}  // namespace gradc::emit_test
