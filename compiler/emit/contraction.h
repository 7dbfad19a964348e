// contraction: register-blocked micro-kernels.
//
// A tile of the result, R rows by V vectors, stays in registers while all products are added to it:
// for each step of k, V vectors of the right operand are loaded, each of the R elements of the left
// one is broadcast, and R * V accumulators take one fused multiply-add each. Every element sums
// over k in order from 0, whatever the tile, so the tile changes the time and never the bits. Where
// k is long, tiles take turns: each adds some products and leaves its sums in memory meanwhile.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "emit/emit.h"
#include "emit/facts.h"
#include "emit/tiles.h"

namespace gradc::emit {

// Whether what follows the sums costs so much that accumulators should not wait for it: it then
// works on the finished tile in memory.
bool has_expensive_epilogue(const Facts& facts);

class Contraction {
 public:
  // `tuned`: the tile that was measured to be the fastest.
  Contraction(const Facts& facts, std::string function, Target target,
              const std::optional<TileShape>& tuned);

  void emit();

  // The functions that compute one tile.
  const std::string& tiles() const { return tiles_; }
  // The body of the kernel: which member computes which tiles.
  const std::string& dispatch() const { return dispatch_; }
  // "tiles of 8 x 32"
  std::string description() const;

 private:
  // What to call for a tile of `size` rows, or of as many vectors, that begins at `at`.
  using Call = std::function<std::string(int size, const std::string& at)>;

  std::string tile_function(int vectors) const;
  std::string arguments(const std::string& code, bool declared) const;
  std::string emit_dispatch() const;
  std::string turns() const;
  std::string waiting_sums(const std::string& start, const std::string& at) const;
  std::string start(const Split& split, const std::string& piece, const std::string& pieces,
                    const std::string& name, int unit) const;
  std::string by_size(const Split& split, const std::string& piece, int axis, int unit,
                      const Call& call) const;

  const Facts& facts_;
  std::string function_;
  TilePlan plan_;
  std::string tiles_, dispatch_;
};

}  // namespace gradc::emit
