// transposed: a kernel that copies a tensor with two axes exchanged, in square blocks of vectors.
//
//   packed[i, j] = w[j, i]       lanes j, but neighbours in memory along i
//
// Read lane by lane, each element would be an instruction of its own.
#pragma once

#include <string>

#include "emit/body.h"

namespace gradc::emit {

// Whether the kernel is such a copy and nothing else.
bool is_transposed_copy(const Facts& facts);

void emit_transposed_copy(Body& body);

// The function that such kernels of one element call, for the preamble; for `any_element`, also
// those that copy from and to what is rounded to fewer bits. Each element has a name of its own, so
// that none stands in a file that does not call it: compilers warn of those.
const char* transpose_block_name(Element real);
std::string transpose_block_helper(Element real, bool any_element);

}  // namespace gradc::emit
