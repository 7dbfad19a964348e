// decode: from the function of a whole sequence, the function that computes one position of it from
// that position and stored state.
//
//   before   x = gather(e, tokens) [b, t, c]   k = x w [b, t, c]   y = softmax(q k, causal) v
//   after    at position p:  x = gather(e, token) [b, 1, c]
//            state k [b, t, c] with row p = x w                     y = softmax(q k) v [b, 1, c]
//
// A value that is used at its own position alone is worked out for that position. One that is used
// across time, as keys and values are, is kept: a state with a row a position. Values that depend
// on places alone, such as angles and masks, are worked out where they are needed.
//
// What does not depend on the time at all, as what an encoder makes of its source, is worked out at
// the first position and kept: a state of its own.
//
// A sum over time counts as causal if what it adds of later positions is zero by a mask. A model in
// which something else is read across time, or a later position counts, is refused.
#pragma once

#include <gradc/graph.h>

#include <optional>
#include <string>

namespace gradc::passes {

// The input of a decoder that says which position is computed, i32 [], counted from 0.
inline constexpr char kPresentPosition[] = "decode/position";

// Why a model cannot be decoded, and where.
struct LooksAhead {
  std::string message;  // "this reads positions that are not there yet"
  Location location;
};

struct Decoder {
  // Leaves and outputs are the model's, those along the time with one position. Further leaves are
  // the present position and the states "decode/memory0", ... and "decode/cache0", ...
  Graph graph;
  std::optional<LooksAhead> refusal;
};

// Of a model that declares a time and has an output along it; nothing for others.
std::optional<Decoder> decode(const Graph& declared);

}  // namespace gradc::passes
