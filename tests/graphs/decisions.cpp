#include "graphs/decisions.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <cstddef>
#include <set>

#include "emit/streamed.h"
#include "graphs/kernel_decisions.h"
#include "passes/blocks.h"
#include "passes/fuse.h"
#include "passes/lower.h"
#include "passes/pairs.h"
#include "passes/thin.h"

namespace gradc::graphs {
namespace {

using passes::Root;

bool is_real_axis(const Dim& dim) { return dim.size > 1; }

// --- Values and kernels -------------------------------------------------------------------------

// A contraction of a graph.
struct Product {
  bool thin;  // it becomes a sum
  std::int64_t rows, terms, columns;
};

Product product_of(const Graph& graph, int id) {
  const Node& node = graph[id];
  const ContractAxes axes = ContractAxes::decode(node.attributes);
  const Shape &left = graph[node.operands[0]].type.shape,
              &right = graph[node.operands[1]].type.shape;
  const auto extent = [](const Shape& shape, const Axes& of) {
    std::int64_t all = 1;
    for (const int axis : of) all *= shape[axis].size;
    return all;
  };
  return {passes::is_thin(graph, id), extent(left, axes.left_free(left.size())),
          extent(left, axes.left_over), extent(right, axes.right_free(right.size()))};
}

constexpr Decision<Product> kOfProducts[] = {
    {"contraction: tiles", [](const Product& p) { return !p.thin; }},
    {"contraction: a sum for one row", [](const Product& p) { return p.thin && p.rows == 1; }},
    {"contraction: a sum for one column",
     [](const Product& p) { return p.thin && p.columns == 1; }},
    {"contraction: a product for one term",
     [](const Product& p) { return p.thin && p.terms == 1; }},
    {"contraction: a sum instead of a copy for few rows",
     [](const Product& p) { return p.thin && p.rows > 1 && p.columns > 1 && p.terms > 1; }},
    {"contraction: tiles for one row of a large matrix",
     [](const Product& p) { return !p.thin && p.rows == 1; }},
};

struct Addition {
  const Graph& graph;
  const Node& node;

  bool is_whole() const {
    return node.op == op_of<Sum> && node.type.rank() == 0 &&
           graph[node.operands[0]].type.rank() == 1;
  }
  bool is_of_blocks() const {
    return node.op == op_of<Sum> && node.type.rank() == 1 &&
           passes::extents_in_blocks(graph).contains(
               elements_of(graph[node.operands[0]].type.shape));
  }
};

constexpr Decision<Addition> kOfSums[] = {
    {"sum: a product rounded with it",
     [](const Addition& sum) { return sum.node.op == op_of<Fma>; }},
    {"sum: rounded alone", [](const Addition& sum) { return sum.node.op == op_of<Add>; }},
    {"sum: of everything in blocks", [](const Addition& sum) { return sum.is_of_blocks(); }},
    {"sum: of everything at once", [](const Addition& sum) { return sum.is_whole(); }},
};

// A root of a graph, in the kernel that it has joined.
struct Rooted {
  const Graph& graph;
  const ir::Program& program;
  const passes::FusionPlan& plan;
  std::size_t index;

  const Root& root() const { return plan.roots.all[index]; }
  const Node& node() const { return graph[root().node]; }
  const passes::Group& group() const {
    return plan.groups[static_cast<std::size_t>(plan.group_of[index])];
  }
  bool first_of_group() const { return group().roots.front() == static_cast<int>(index); }
  bool joins_contraction() const {
    return !first_of_group() &&
           plan.roots.all[static_cast<std::size_t>(group().roots.front())].kind ==
               Root::Kind::kContract;
  }
  // Whether the program has dropped the temporary, for its value is at hand wherever it is read.
  bool has_no_memory() const {
    if (!root().outputs.empty() || !root().updates.empty()) return false;
    const std::string name = std::string(info_of(node().op).name) + std::to_string(root().node);
    return std::ranges::none_of(program.buffers,
                                [&](const ir::Buffer& buffer) { return buffer.name == name; });
  }
};

// Whether it reads nothing that its kernel makes, but something that another root of it reads.
bool stands_beside(const Rooted& r) {
  if (r.first_of_group() || r.root().axes.empty()) return false;
  const auto is_of_group = [&](const Root::Read& read) {
    const int p = r.plan.roots.of_node[read.node];
    return p >= 0 && r.plan.group_of[p] == r.plan.group_of[r.index];
  };
  return std::ranges::none_of(r.root().reads, is_of_group);
}

// Whether it overwrites what another root of its kernel reads in the same row.
bool overwrites_in_its_row(const Rooted& r) {
  if (r.root().axes.empty()) return false;
  return std::ranges::any_of(r.group().roots, [&](int other) {
    if (other == static_cast<int>(r.index)) return false;
    return std::ranges::any_of(
        r.plan.roots.all[static_cast<std::size_t>(other)].reads, [&](const Root::Read& read) {
          return r.graph[read.node].op == op_of<LeafOp> &&
                 std::ranges::count(r.root().updates, r.graph[read.node].attributes.ints[0]) > 0;
        });
  });
}

// Whether it reads what another kernel folds in the same row.
bool reads_fold_of_its_row(const Rooted& r) {
  for (const Root::Read& read : r.root().reads) {
    const int p = r.plan.roots.of_node[read.node];
    if (p < 0 || r.plan.group_of[p] == r.plan.group_of[r.index]) continue;
    const Root& other = r.plan.roots.all[static_cast<std::size_t>(p)];
    if (other.kind == Root::Kind::kReduce && read.index == r.root().result) return true;
  }
  return false;
}

constexpr Decision<Rooted> kOfRoots[] = {
    {"value: stored, for it is expensive",
     [](const Rooted& r) { return r.root().reason == Root::Reason::kExpensive; }},
    {"value: stored, for its readers would read more",
     [](const Rooted& r) { return r.root().reason == Root::Reason::kTraffic; }},
    {"value: stored, one for each row of several kernels",
     [](const Rooted& r) { return r.root().reason == Root::Reason::kOfRows; }},
    {"value: stored for a later factor, in place of what it is made of",
     [](const Rooted& r) { return r.root().reason == Root::Reason::kAhead; }},
    {"value: at hand in its row, not stored", [](const Rooted& r) { return r.has_no_memory(); }},
    {"value: a reshape through memory", [](const Rooted& r) { return r.root().linear; }},
    {"value: gathered rows, put where a reshape wants them",
     [](const Rooted& r) {
       return r.node().op == op_of<Reshape> && r.graph[r.node().operands[0]].op == op_of<Gather>;
     }},
    {"value: a loop split for a reshape",
     [](const Rooted& r) {
       const Root& root = r.root();
       return root.kind == Root::Kind::kMap && !root.linear &&
              root.result_axes > std::ranges::count_if(r.node().type.shape, is_real_axis);
     }},
    {"value: a leaf, copied", [](const Rooted& r) { return r.node().op == op_of<LeafOp>; }},
    {"value: parts stored side by side",
     [](const Rooted& r) { return r.root().join.parts.size() == 2; }},
    {"value: parts within parts, stored side by side",
     [](const Rooted& r) { return r.root().join.parts.size() > 2; }},
    {"value: a part amid zeros", [](const Rooted& r) { return r.root().kind == Root::Kind::kPad; }},
    {"value: rows added up where indices say",
     [](const Rooted& r) { return r.root().kind == Root::Kind::kScatter; }},
    {"update: in place",
     [](const Rooted& r) { return !r.root().updates.empty() && r.root().copy_of < 0; }},
    {"update: copied when all have read the old value",
     [](const Rooted& r) { return !r.root().updates.empty() && r.root().copy_of >= 0; }},
    {"update: at the end of the contraction that makes its gradient",
     [](const Rooted& r) { return !r.root().updates.empty() && r.joins_contraction(); }},
    {"update: in the row of others that read the old value", overwrites_in_its_row},
    {"update: of one place of a state",
     [](const Rooted& r) { return r.root().kind == Root::Kind::kPlace; }},
    {"kernel: starts a loop of its own", [](const Rooted& r) { return r.first_of_group(); }},
    {"kernel: joins a map in its row",
     [](const Rooted& r) {
       return !r.first_of_group() && !r.group().rows.empty() && r.root().kind == Root::Kind::kMap;
     }},
    {"kernel: joins a map that reads the same", stands_beside},
    {"kernel: joins a reduction in its row",
     [](const Rooted& r) {
       return !r.first_of_group() && !r.group().rows.empty() &&
              r.root().kind == Root::Kind::kReduce;
     }},
    {"kernel: joins a contraction", [](const Rooted& r) { return r.joins_contraction(); }},
    {"kernel: joins other scalars",
     [](const Rooted& r) { return !r.first_of_group() && r.root().axes.empty(); }},
    {"kernel: rows that become inner loops for those who join",
     [](const Rooted& r) {
       return r.first_of_group() && r.root().kind == Root::Kind::kMap &&
              static_cast<int>(r.group().rows.size()) < r.root().result_axes;
     }},
    {"kernel: a function of a row's number, in a loop over vectors of rows",
     [](const Rooted& r) {
       return r.root().kind == Root::Kind::kMap && r.root().transcendental && r.first_of_group() &&
              !r.root().axes.empty() && reads_fold_of_its_row(r);
     }},
};

// A root before any was found needless.
struct Candidate {
  const Root& root;
  const passes::FusionPlan& plan;
};

constexpr Decision<Candidate> kOfCandidates[] = {
    {"value: not stored, for all that need it share its row",
     [](const Candidate& c) {
       return c.root.reason != Root::Reason::kRequired &&
              c.plan.roots.of_node[static_cast<std::size_t>(c.root.node)] < 0;
     }},
};

// --- Memory -------------------------------------------------------------------------------------

struct Laid {
  const ir::Program& program;
  const ir::Buffer& buffer;
  std::int64_t row = 1;    // places of the innermost axis
  std::int64_t next = 1;   // from one row to the next
  bool reordered = false;  // axes lie in another order than that of the shape

  Laid(const ir::Program& its_program, const ir::Buffer& its_buffer)
      : program(its_program), buffer(its_buffer), next(its_buffer.elements) {
    std::int64_t before = -1;
    for (int axis = 0; axis < buffer.shape.size(); ++axis) {
      const std::int64_t stride = buffer.strides[static_cast<std::size_t>(axis)];
      if (stride == 0) continue;
      reordered = reordered || (before >= 0 && stride > before);
      before = stride;
      if (stride == 1) row = buffer.shape[axis].size;
      if (stride > 1) next = std::min(next, stride);
    }
  }
  std::int64_t lanes() const { return ir::lanes_of(buffer.element); }
  std::int64_t vectors() const { return (row + lanes() - 1) / lanes(); }
  bool temporary() const { return buffer.storage == ir::Buffer::Storage::kTemporary; }
  bool packed() const { return buffer.name.starts_with("packed"); }
  bool runs_on() const { return row % lanes() != 0 && next == row; }
  bool overlaps(const ir::Buffer& other) const {
    return &other != &buffer && other.storage == ir::Buffer::Storage::kTemporary &&
           other.offset < buffer.offset + buffer.bytes() &&
           buffer.offset < other.offset + other.bytes();
  }
};

constexpr Decision<Laid> kOfBuffers[] = {
    {"memory: rows in whole vectors",
     [](const Laid& l) { return l.row % l.lanes() != 0 && l.next % l.lanes() == 0; }},
    {"memory: long rows of an odd number of vectors",
     [](const Laid& l) {
       return l.temporary() && l.vectors() % 2 == 0 && l.next == (l.vectors() + 1) * l.lanes();
     }},
    {"memory: rows one behind the other, for a reshape",
     [](const Laid& l) { return l.temporary() && !l.reordered && !l.packed() && l.runs_on(); }},
    {"memory: in the order of its reader",
     [](const Laid& l) { return l.temporary() && l.reordered; }},
    {"memory: several axes in a row, in the order of its reader",
     [](const Laid& l) { return l.temporary() && l.reordered && l.runs_on(); }},
    {"memory: columns of several axes in a row of a transposed operand",
     [](const Laid& l) { return l.packed() && l.runs_on(); }},
    {"memory: a tile of it on the stack",
     [](const Laid& l) { return l.buffer.storage == ir::Buffer::Storage::kLocal; }},
    {"memory: where another temporary was",
     [](const Laid& l) {
       return l.temporary() && std::ranges::any_of(l.program.buffers, [&](const ir::Buffer& other) {
                return l.overlaps(other);
              });
     }},
};

// --- Streams ------------------------------------------------------------------------------------

struct Streamed {
  const ir::Program& program;
  const ir::Stream& stream;
  const ir::Stream::Member& member;

  std::int64_t queries() const {
    const ir::Kernel& first = program.kernels[static_cast<std::size_t>(stream.first)];
    return first.axes[stream.members.front().tile].extent;
  }
  bool several() const { return queries() > stream.tile; }
  std::int64_t rest() const { return queries() % stream.tile; }
  // Whether tiles look no further than their last row sees.
  bool limited() const { return stream.causal && several(); }
};

constexpr Decision<Streamed> kOfStreams[] = {
    {"stream: causal", [](const Streamed& s) { return s.stream.causal; }},
    {"stream: all pairs count", [](const Streamed& s) { return !s.stream.causal; }},
    {"stream: one tile", [](const Streamed& s) { return !s.several(); }},
    {"stream: several tiles", [](const Streamed& s) { return s.several(); }},
    {"stream: fewer rows, so that the scores stay near the core",
     [](const Streamed& s) { return s.queries() % 32 == 0 && s.stream.tile < 32; }},
    {"stream: fewer rows, so that tiles are alike",
     [](const Streamed& s) { return s.queries() > 32 && s.queries() % 32 != 0 && s.rest() == 0; }},
    {"stream: keys behind the tile left out", [](const Streamed& s) { return s.limited(); }},
    {"stream: a last tile of fewer rows", [](const Streamed& s) { return s.rest() > 0; }},
    {"stream: scores worked out again", [](const Streamed& s) { return s.member.again; }},
    {"stream: sums that go on from tile to tile",
     [](const Streamed& s) { return s.member.accumulates && s.several(); }},
    {"stream: sums over one tile",
     [](const Streamed& s) { return s.member.accumulates && !s.several(); }},
};

constexpr Decision<passes::Attention> kOfAttentions[] = {
    {"attention: the scores of few keys kept",
     [](const passes::Attention& a) { return a.keys <= ir::lanes_of(Element::kF32); }},
};

// Those whose kernels run one after the other.
void count_attentions(const ir::Program& program, Tally& tally) {
  std::set<int> known;  // kernels of an attention, or of a stream
  for (const ir::Stream& stream : program.streams)
    for (std::size_t i = 0; i < stream.members.size(); ++i)
      known.insert(stream.first + static_cast<int>(i));
  for (int kernel = 0; kernel < static_cast<int>(program.kernels.size()); ++kernel) {
    if (!program.kernels[static_cast<std::size_t>(kernel)].contracts || known.contains(kernel))
      continue;
    const auto attention = passes::find_attention(program, kernel);
    if (!attention || attention->members.size() < 2) continue;
    for (const auto& member : attention->members) known.insert(member.kernel);
    tally.count(kOfAttentions, *attention);
  }
}

// All that a stream or a kernel alone is written as.
std::vector<ir::Kernel> parts_of(const ir::Program& program, const ir::Unit& unit) {
  if (unit.stream == nullptr) return {program.kernels[static_cast<std::size_t>(unit.first)]};
  std::vector<ir::Kernel> parts;
  for (std::size_t i = 0; i < unit.stream->members.size(); ++i) {
    const ir::Stream& stream = *unit.stream;
    const Streamed streamed{program, stream, stream.members[i]};
    if (streamed.member.accumulates && streamed.several())
      parts.push_back(emit::zeros_before(program, stream, i));
    parts.push_back(emit::one_tile(program, stream, i, stream.tile, streamed.limited()));
    if (streamed.rest() > 0)
      parts.push_back(emit::one_tile(program, stream, i, streamed.rest(), false));
  }
  return parts;
}

// --- All of a model -----------------------------------------------------------------------------

void count_graph(const Graph& whole, const ir::Program& program, Tally& tally) {
  for (std::size_t id = 0; id < whole.nodes.size(); ++id)
    if (whole.nodes[id].op == op_of<Contract>)
      tally.count(kOfProducts, product_of(whole, static_cast<int>(id)));
  const Graph graph = passes::for_kernels(whole);
  for (const Node& node : graph.nodes) tally.count(kOfSums, Addition{graph, node});
  const passes::FusionPlan plan = passes::fuse(graph, -1);
  for (std::size_t r = 0; r < plan.roots.all.size(); ++r)
    tally.count(kOfRoots, Rooted{graph, program, plan, r});
  const passes::Roots first = passes::find_roots(graph, -1, {});
  for (const Root& root : first.all) tally.count(kOfCandidates, Candidate{root, plan});
}

void count_program(const ir::Program& program, Tally& tally) {
  for (const ir::Buffer& buffer : program.buffers)
    if (!buffer.shape.empty()) tally.count(kOfBuffers, Laid(program, buffer));
  for (const ir::Stream& stream : program.streams)
    for (const ir::Stream::Member& member : stream.members)
      tally.count(kOfStreams, Streamed{program, stream, member});
  count_attentions(program, tally);
  for (const ir::Unit& unit : ir::units_of(program))
    for (const ir::Kernel& kernel : parts_of(program, unit))
      count_kernel_decisions(program, kernel, tally);
}

}  // namespace

Tally all_decisions() {
  Tally tally;
  tally.declare(kOfProducts);
  tally.declare(kOfSums);
  tally.declare(kOfCandidates);
  tally.declare(kOfRoots);
  tally.declare(kOfBuffers);
  tally.declare(kOfStreams);
  tally.declare(kOfAttentions);
  declare_kernel_decisions(tally);
  return tally;
}

void count_decisions(const passes::Entries& entries, const ir::Module& module, Tally& tally) {
  const auto count = [&](const Graph& graph, const ir::Program& program) {
    if (passes::is_empty(graph)) return;
    count_graph(graph, program, tally);
    count_program(program, tally);
  };
  count(entries.train, module.train);
  count(entries.evaluate, module.evaluate);
  count(entries.gradient, module.gradient);
}

}  // namespace gradc::graphs
