// pairs: which kernels of a program belong to one attention, and which axes of theirs are which.
//
// Pair buffers hold a value for each (query, key). Found from a contraction of two values of the
// same batch, such as q k: every kernel that reads or writes one of its pair buffers belongs to it,
// and makes further ones. Kernels of level 0 can run before those of level 1 start, which wait for
// something that others make of what level 0 left: the backward pass, for gradients.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "ir/access.h"
#include "ir/program.h"

namespace gradc::passes {

// What an axis is within an attention; outer axes count from 0.
enum : int { kNoRole = -1, kTileRole = -2, kKeysRole = -3 };

struct Attention {
  struct Member {
    int kernel = -1;
    int level = 0;
    ir::Stream::Member axes;
    std::vector<int> roles;  // by axis of the kernel
  };
  std::vector<Member> members;  // in the order of the program
  std::vector<int> pairs;       // buffers
  std::int64_t queries = 0, keys = 0;
};

// The attention that the contraction `seed` belongs to; nothing if it is none.
std::optional<Attention> find_attention(const ir::Program& program, int seed);

// Whether scores of keys behind the query count for nothing in any member.
bool is_causal(const ir::Program& program, const Attention& attention);

}  // namespace gradc::passes
