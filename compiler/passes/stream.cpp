#include "passes/stream.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <utility>

#include "ir/cost_model.h"
#include "passes/pairs.h"
#include "passes/unread.h"
#include "support/check.h"

namespace gradc::passes {
namespace {

using ir::Buffer;
using ir::Kernel;

// What runs as one after the pass: a kernel of before, or the members of a stream.
struct Item {
  std::vector<Kernel> kernels;
  std::vector<int> places;  // of the kernels in the program of before
  std::vector<ir::Stream::Member> members;
  std::int64_t tile = 0;  // 0: no stream
  bool causal = false;
};

class Streaming {
 public:
  explicit Streaming(ir::Program& program) : program_(program) {}

  void run() {
    find();
    if (attentions_.empty()) return;
    make_items();
    std::vector<int> order;
    if (!sort(order)) return;
    for (const int buffer : local_) program_.buffers[buffer].storage = Buffer::Storage::kLocal;
    program_.buffers.insert(program_.buffers.end(), fresh_.begin(), fresh_.end());
    program_.kernels.clear();
    for (const int i : order) {
      Item& item = items_[static_cast<std::size_t>(i)];
      if (item.tile > 0)
        program_.streams.push_back({.first = static_cast<int>(program_.kernels.size()),
                                    .members = std::move(item.members),
                                    .tile = item.tile,
                                    .causal = item.causal});
      for (Kernel& kernel : item.kernels) program_.kernels.push_back(std::move(kernel));
    }
  }

 private:
  void find() {
    std::set<int> taken;
    for (std::size_t k = 0; k < program_.kernels.size(); ++k) {
      const int seed = static_cast<int>(k);
      if (!program_.kernels[k].contracts || taken.contains(seed)) continue;
      std::optional<Attention> attention = find_attention(program_, seed);
      if (!attention || attention->members.size() < 2 || tile_of(*attention) == 0 ||
          keeps_scores(*attention))
        continue;
      const auto known = [&](const auto& member) { return taken.contains(member.kernel); };
      if (std::any_of(attention->members.begin(), attention->members.end(), known)) continue;
      for (const auto& member : attention->members) taken.insert(member.kernel);
      attentions_.push_back(std::move(*attention));
    }
  }

  // Whether the scores of a query are so few that to keep them takes less than to work them out
  // again, and all together fit into the caches.
  bool keeps_scores(const Attention& attention) const {
    return attention.keys <= ir::lanes_of(program_.real) &&
           std::ranges::all_of(attention.pairs, [&](int pair) {
             const Buffer& buffer = program_.buffers[pair];
             return buffer.elements * bytes_of(buffer.element) <= ir::kKeptScoreBytes;
           });
  }

  // Of one tile, for one row of queries.
  std::int64_t row_elements(const Attention& attention, int buffer) const {
    std::int64_t elements = 0;
    for (const auto& member : attention.members)
      ir::each_access(program_.kernels[member.kernel],
                      [&](int b, const ir::Affine& index, int, bool) {
                        if (b == buffer) elements = index.coefficient(member.axes.tile);
                      });
    return elements;
  }

  // How many rows of queries a tile has: as many as fit near the core, or fewer, but more than half
  // of that, if tiles are equal then; else what is left of the rows is a tile of its own. 0: keys
  // are so many that the stack does not hold a row.
  std::int64_t tile_of(const Attention& attention) const {
    std::int64_t row = 0;
    for (const int buffer : attention.pairs) {
      const std::int64_t width = bytes_of(program_.buffers[buffer].element);
      row += width * row_elements(attention, buffer);
    }
    const std::int64_t on_stack = ir::kStackBytes / (2 * row);  // twice, for scores made again
    const std::int64_t near_core = std::clamp(
        ir::kNearBytes / row, std::min(ir::kFewestTileRows, on_stack), ir::kMostTileRows);
    const std::int64_t most = std::min(attention.queries, near_core);
    for (std::int64_t tile = most; tile > most / 2; --tile)
      if (attention.queries % tile == 0) return tile;
    return most;
  }

  void make_items() {
    std::vector<bool> member(program_.kernels.size());
    for (const Attention& attention : attentions_)
      for (const auto& m : attention.members) member[static_cast<std::size_t>(m.kernel)] = true;
    for (std::size_t k = 0; k < member.size(); ++k)
      if (!member[k])
        items_.push_back({.kernels = {program_.kernels[k]}, .places = {static_cast<int>(k)}});
    for (const Attention& attention : attentions_) {
      local_.insert(local_.end(), attention.pairs.begin(), attention.pairs.end());
      const bool causal = is_causal(program_, attention);
      int levels = 0;
      for (const auto& m : attention.members) levels = std::max(levels, m.level + 1);
      for (int level = 0; level < levels; ++level) add_stream(attention, level, causal);
    }
  }

  void add_stream(const Attention& attention, int level, bool causal) {
    Item item{.tile = tile_of(attention), .causal = causal};
    std::map<int, int> again;  // by pair buffer of an earlier stream: the one that holds it here
    for (const auto& member : attention.members) {
      if (member.level != level) continue;
      Kernel kernel = program_.kernels[member.kernel];
      each_pair(kernel, attention, [&](int& buffer, bool) {
        if (producer(attention, buffer).level < level)
          buffer = remake(attention, buffer, again, item);
      });
      item.kernels.push_back(std::move(kernel));
      item.places.push_back(member.kernel);
      item.members.push_back(member.axes);
    }
    if (item.kernels.empty()) return;
    drop_unread_pairs(attention, item);
    items_.push_back(std::move(item));
  }

  // Scores that only a later stream asked for, and that it works out again.
  static void drop_unread_pairs(const Attention& attention, Item& item) {
    std::set<int> read;
    for (const Kernel& kernel : item.kernels)
      ir::each_access(kernel, [&](int buffer, const ir::Affine&, int, bool write) {
        if (!write) read.insert(buffer);
      });
    for (Kernel& kernel : item.kernels) {
      const auto is_unread = [&](const ir::Store& store) {
        const auto& pairs = attention.pairs;
        return std::find(pairs.begin(), pairs.end(), store.buffer) != pairs.end() &&
               !read.contains(store.buffer);
      };
      for (ir::Stage& stage : kernel.stages) {
        std::erase_if(stage.stores, is_unread);
        std::erase_if(stage.row_stores, is_unread);
      }
      drop_unread(kernel);
    }
  }

  template <class F>
  static void each_pair(Kernel& kernel, const Attention& attention, F f) {
    const auto visit = [&](int& buffer, bool write) {
      const auto& pairs = attention.pairs;
      if (std::find(pairs.begin(), pairs.end(), buffer) != pairs.end()) f(buffer, write);
    };
    if (kernel.contracts) {
      visit(kernel.contraction.left_buffer, false);
      visit(kernel.contraction.right_buffer, false);
    }
    for (ir::Value& value : kernel.values)
      if (value.kind == ir::Value::Kind::kLoad) visit(value.buffer, false);
    for (ir::Stage& stage : kernel.stages)
      for (auto* stores : {&stage.stores, &stage.row_stores})
        for (ir::Store& store : *stores) visit(store.buffer, true);
  }

  const Attention::Member& producer(const Attention& attention, int buffer) const {
    for (const auto& member : attention.members) {
      bool writes = false;
      ir::each_access(program_.kernels[member.kernel],
                      [&](int b, const ir::Affine&, int, bool write) {
                        writes = writes || (write && b == buffer);
                      });
      if (writes) return member;
    }
    CHECK(false, "a pair buffer that nobody writes");
    return attention.members.front();
  }

  // A pair buffer of an earlier stream, worked out again at the start of this one.
  int remake(const Attention& attention, int buffer, std::map<int, int>& again, Item& item) {
    if (const auto known = again.find(buffer); known != again.end()) return known->second;
    const Attention::Member& member = producer(attention, buffer);
    Kernel kernel = program_.kernels[member.kernel];
    // Of what the kernel leaves, the pair buffers stay, for others of them will be asked for too.
    for (ir::Stage& stage : kernel.stages) {
      const auto is_other = [&](const ir::Store& store) {
        const auto& pairs = attention.pairs;
        return std::find(pairs.begin(), pairs.end(), store.buffer) == pairs.end();
      };
      std::erase_if(stage.stores, is_other);
      std::erase_if(stage.row_stores, is_other);
    }
    each_pair(kernel, attention, [&](int& b, bool write) {
      if (!write) b = remake(attention, b, again, item);
    });
    each_pair(kernel, attention, [&](int& b, bool write) {
      if (!write || again.contains(b)) {
        if (write) b = again.at(b);
        return;
      }
      Buffer copy = program_.buffers[b];
      copy.name = "again_" + copy.name;
      copy.storage = Buffer::Storage::kLocal;
      fresh_.push_back(std::move(copy));
      const int here = static_cast<int>(program_.buffers.size() + fresh_.size()) - 1;
      again[b] = here;
      b = here;
    });
    drop_unread(kernel);
    item.kernels.push_back(std::move(kernel));
    item.places.push_back(member.kernel);  // for it reads what was there then
    item.members.push_back(member.axes);
    item.members.back().again = true;
    return again.at(buffer);
  }

  // The items so that each still finds what it found in the order of before: writers before
  // readers, readers before the next writer. False if streams wait for each other.
  bool sort(std::vector<int>& order) const {
    std::map<int, std::vector<std::tuple<int, int, bool>>> by_buffer;  // place, item, write
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Item& item = items_[i];
      for (std::size_t k = 0; k < item.kernels.size(); ++k)
        ir::each_access(item.kernels[k], [&](int buffer, const ir::Affine&, int, bool write) {
          by_buffer[buffer].emplace_back(item.places[k], static_cast<int>(i), write);
        });
    }
    std::vector<std::set<int>> after(items_.size());
    std::vector<int> waiting(items_.size());
    const auto edge = [&](int first, int then) {
      if (first != then && after[first].insert(then).second) ++waiting[then];
    };
    for (auto& [buffer, list] : by_buffer) {
      std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
        return std::get<0>(a) < std::get<0>(b);
      });
      for (std::size_t a = 0; a < list.size(); ++a)
        for (std::size_t b = a + 1; b < list.size(); ++b)
          if (std::get<2>(list[a]) || std::get<2>(list[b]))
            edge(std::get<1>(list[a]), std::get<1>(list[b]));
    }
    using Entry = std::pair<int, int>;  // place of its last kernel, item
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    for (std::size_t i = 0; i < items_.size(); ++i)
      if (waiting[i] == 0) ready.emplace(items_[i].places.back(), static_cast<int>(i));
    while (!ready.empty()) {
      const int next = ready.top().second;
      ready.pop();
      order.push_back(next);
      for (const int then : after[static_cast<std::size_t>(next)])
        if (--waiting[then] == 0)
          ready.emplace(items_[static_cast<std::size_t>(then)].places.back(), then);
    }
    return order.size() == items_.size();
  }

  ir::Program& program_;
  std::vector<Attention> attentions_;
  std::vector<Item> items_;
  std::vector<int> local_;
  std::vector<Buffer> fresh_;  // to be added
};

}  // namespace

void stream(ir::Program& program) { Streaming(program).run(); }

}  // namespace gradc::passes
