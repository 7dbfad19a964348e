// api: the header of a generated model, for the program that uses it.
#pragma once

#include <emit/emit.h>
#include <gradc/dsl.h>
#include <ir/program.h>

#include <string>

namespace gradc::emit {

// The namespace of one model in the header: its constants, its class, and that of its decoder.
std::string emit_api(const ir::Module& module, const Options& options);

// The members of those classes that are not inline, for the source file. Where kernels are for
// `several` targets, a class is not made on a machine that runs none of them.
std::string emit_api_members(const ir::Module& module, bool several);

// "nplm", the namespace, and "Nplm", the class of the model in it.
std::string namespace_of(const ir::Module& module);
std::string struct_of(const ir::Module& module);

}  // namespace gradc::emit
