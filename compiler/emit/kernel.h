// kernel: kernels as functions, each with a comment that says what it does.
//
// What a kernel does is written once, as a function of pointers, however many kernels do it: those
// of equal layers, and those that training and evaluation share. Each kernel then is a call of it
// with its places in the arena.
#pragma once

#include <emit/emit.h>
#include <gradc/dsl.h>
#include <ir/program.h>

#include <map>
#include <string>
#include <vector>

#include "emit/alone.h"
#include "emit/names.h"

namespace gradc::emit {

// What a kernel or stream is called for people.
std::string unit_name(const ir::Program& program, const ir::Unit& unit);
// "k3_contract_bias_tanh": the function of kernel 3, or of the stream that begins with it.
std::string kernel_function(const ir::Program& program, const ir::Unit& unit);

// A kernel as it is written: with the axes that suit its emitter, in a program of its own.
Alone written_form(const ir::Program& program, ir::Kernel kernel);

// The comment on a kernel or stream.
std::string heading(const ir::Program& program, const ir::Unit& unit);

class KernelWriter {
 public:
  explicit KernelWriter(Target target) : target_(target) {}

  // The heading of a kernel or stream, and
  //   void k3_...(std::byte* arena, std::int64_t batch, int member, int members)
  std::string write(const ir::Program& program, const ir::Unit& unit);

  // All that the kernels written so far call.
  const std::string& functions() const { return functions_; }

 private:
  struct Function {
    std::string name;
    std::vector<int> buffers;  // of the program, for which it takes pointers
    std::vector<int> streams;  // of random numbers, of which it takes the number
  };

  Function function(const ir::Program& program, const ir::Kernel& kernel);
  Function stream(const ir::Program& program, const ir::Unit& unit);
  // The name of the function with that text: `name` or one like it if it is new.
  std::string named(const std::string& text, const std::string& name);

  Target target_;
  Names names_;
  std::map<std::string, std::string> known_;  // from the text of a function to its name
  std::string functions_;
};

}  // namespace gradc::emit
