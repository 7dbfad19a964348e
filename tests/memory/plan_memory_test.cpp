// Memory plans of random programs: no two live buffers overlap, little is wasted, and the checker
// notices when that is not so.
#include "passes/plan_memory.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "passes/live_ranges.h"

namespace gradc::passes {
namespace {

int add_buffer(ir::Program& program, ir::Buffer::Storage storage, const std::string& name,
               std::int64_t elements) {
  ir::Buffer buffer;
  buffer.name = name;
  buffer.storage = storage;
  buffer.shape = Shape{Dim(elements)};
  buffer.strides = {1};
  buffer.elements = elements;
  program.buffers.push_back(buffer);
  return static_cast<int>(program.buffers.size()) - 1;
}

// A kernel that copies one buffer to another.
void add_copy(ir::Program& program, int from, int to) {
  ir::Kernel kernel;
  kernel.name = "copy";
  ir::Value value;
  value.kind = ir::Value::Kind::kLoad;
  value.buffer = from;
  kernel.values.push_back(value);
  kernel.stages.emplace_back();
  kernel.stages.back().stores.push_back({0, to, {}, -1, 0, false});
  program.kernels.push_back(kernel);
}

// x -> t0 -> t1 -> ... -> y
ir::Program chain(int temporaries, std::int64_t elements) {
  ir::Program program;
  program.name = "chain";
  int last = add_buffer(program, ir::Buffer::Storage::kLeaf, "x", elements);
  for (int t = 0; t < temporaries; ++t) {
    const int next =
        add_buffer(program, ir::Buffer::Storage::kTemporary, "t" + std::to_string(t), elements);
    add_copy(program, last, next);
    last = next;
  }
  add_copy(program, last, add_buffer(program, ir::Buffer::Storage::kOutput, "y", elements));
  return program;
}

ir::Program random_program(std::mt19937& random, const std::string& output) {
  ir::Program program;
  program.name = "random";
  const auto up_to = [&](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  add_buffer(program, ir::Buffer::Storage::kLeaf, "x", 1 + up_to(100));
  add_buffer(program, ir::Buffer::Storage::kLeaf, "w", 100);
  program.buffers[0].elements = 77;  // a leaf is the same in all programs
  add_buffer(program, ir::Buffer::Storage::kOutput, output, 40);
  const int temporaries = up_to(20);
  for (int t = 0; t < temporaries; ++t)
    add_buffer(program, ir::Buffer::Storage::kTemporary, "t" + std::to_string(t), 1 + up_to(300));
  const int count = static_cast<int>(program.buffers.size());
  for (int k = 0; k < 30; ++k) add_copy(program, up_to(count), up_to(count));
  return program;
}

TEST(PlanMemory, ChainNeedsTwoTemporariesAtATime) {
  ir::Module module;
  module.train = chain(10, 100);  // 400 bytes each, 448 with alignment
  plan_memory(module);
  EXPECT_EQ(module.arena_bytes, 4 * 448 + 64);
}

TEST(PlanMemory, SmallBuffersGoIntoTheSmallestGap) {
  ir::Program program;
  program.name = "gaps";
  const auto temporary = [&](const char* name, std::int64_t elements) {
    return add_buffer(program, ir::Buffer::Storage::kTemporary, name, elements);
  };
  // big lives alone at first; then a, b and c fit where it was.
  const int big = temporary("big", 96), a = temporary("a", 32), b = temporary("b", 32),
            c = temporary("c", 32);
  add_copy(program, big, big);
  add_copy(program, a, b);
  add_copy(program, b, c);
  add_copy(program, a, c);
  ir::Module module;
  module.train = program;
  plan_memory(module);
  EXPECT_EQ(module.arena_bytes, 96 * 4 + 64);
}

TEST(PlanMemory, RandomProgramsHoldAndShareLeavesAndOutputs) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    ir::Module module;
    module.train = random_program(random, "loss");
    module.evaluate = random_program(random, "logits");
    module.loss_only = random_program(random, "loss");
    module.gradient = random_program(random, "gradient/w");
    plan_memory(module);  // verifies
    EXPECT_EQ(module.train.buffers[0].offset, module.gradient.buffers[0].offset);
    EXPECT_EQ(module.train.buffers[2].offset, module.loss_only.buffers[2].offset);
    EXPECT_GE(module.gradient.buffers[2].offset + 160 + 64, module.arena_bytes);
    EXPECT_GE(module.check_arena_bytes, module.arena_bytes);
  }
}

TEST(PlanMemoryDeathTest, OverlapIsNoticed) {
  ir::Module module;
  module.train = chain(3, 100);
  plan_memory(module);
  module.train.buffers[2].offset = module.train.buffers[1].offset;
  EXPECT_DEATH(verify_memory(module), "t0 and t1 overlap");  // in part: the file and line vary
}

TEST(PlanMemoryDeathTest, ABufferBeyondTheArenaIsNoticed) {
  ir::Module module;
  module.train = chain(1, 100);
  plan_memory(module);
  module.arena_bytes -= 64;
  EXPECT_DEATH(verify_memory(module), "leaves the arena");  // in part: the file and line vary
}

TEST(LiveRanges, FirstToLastTouch) {
  const ir::Program program = chain(2, 10);
  const std::vector<LiveRange> ranges = live_ranges(program);
  EXPECT_EQ(ranges[1].first, 0);
  EXPECT_EQ(ranges[1].last, 1);
  EXPECT_TRUE(ranges[1].meets(ranges[2]));
  EXPECT_TRUE(ranges[0].meets(ranges[2]));
}

}  // namespace
}  // namespace gradc::passes
