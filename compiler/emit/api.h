// api: the header of a generated model, for the program that uses it.
#pragma once

#include <emit/emit.h>
#include <gradc/dsl.h>
#include <ir/program.h>

#include <string>

namespace gradc::emit {

// The namespace of one model in the header: its constants and its struct.
std::string emit_api(const ir::Module& module, const Options& options);

// The members of that struct that are not inline, for the source file.
std::string emit_api_members(const ir::Module& module);

// "nplm", the namespace, and "Nplm", the struct in it.
std::string namespace_of(const ir::Module& module);
std::string struct_of(const ir::Module& module);

}  // namespace gradc::emit
