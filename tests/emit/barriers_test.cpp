// An entry's kernels, with one member of the team after another as far ahead as barriers allow.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "emit/compiled.h"
#include "emit/sketch.h"
#include "gradc/core/arena.h"
#include "gradc/core/team.h"

namespace gradc::emit_test {
namespace {

constexpr std::int64_t kRows = 8, kColumns = 16;  // no padding

// Each kernel reads rows that another member has written: y[r] = -x[7 - r], z[r] = -y[7 - r].
ir::Module mirrors_module() {
  Sketch s(Element::kF32, 1);
  const int x = s.input("x", {kRows, kColumns});
  const int y = s.temporary("y", {kRows, kColumns});
  const int z = s.output("z", {kRows, kColumns});
  for (const auto& [from, to] : {std::pair{x, y}, {y, z}}) {
    KernelSketch k(s, "mirror");
    const int r = k.row(kRows), j = k.row(kColumns);
    k.lanes(j);
    k.store(k.apply<Neg>(k.load(from, {At(r, -1, kRows - 1), j})), to, {r, j});
  }
  return s.module("mirrors");
}

std::span<float> values_of(const core::Model& model, std::string_view name, core::Arena& arena) {
  for (const core::TensorInfo& tensor : model.tensors)
    if (tensor.name == name)
      return arena.at<float>(static_cast<std::size_t>(tensor.offset), kRows * kColumns);
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

TEST(Barriers, NobodyReadsWhatIsNotYetWritten) {
  const std::vector<ir::Module> modules = {mirrors_module()};
  const Compiled compiled(modules, "clang++-19", {"-O1", "-I'" GRADC_TURNS_DIR "'"});
  const core::Model* model = compiled.model(0);
  ASSERT_NE(model, nullptr);
  for (const int members : {1, 2, 3, 8}) {
    core::Arena arena(static_cast<std::size_t>(model->arena_bytes));
    core::Team team(members);
    const std::span<float> x = values_of(*model, "x", arena), z = values_of(*model, "z", arena);
    ASSERT_EQ(x.size(), z.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i + 1);
    model->train.run(arena.data(), 1, team);
    for (std::size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(z[i], x[i]) << "element " << i << ", " << members << " members";
  }
}

}  // namespace
}  // namespace gradc::emit_test
