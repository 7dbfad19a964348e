// How numbers and casts look in generated code.
#pragma once

#include <ir/written.h>

#include <string>

namespace gradc::emit {

// "0.5f" and "cast<float>(i)" for scalars, "splat<f32x16>(0.5f)" and "cast<f32x16>(i)" for vectors.
const ir::Notation& code_notation(Element real, bool vector);

// A literal that reads back to the same bits: "0.5f", "1e-05", "kInfinity".
std::string literal(double value, Element real);

}  // namespace gradc::emit
