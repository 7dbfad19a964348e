// kernel: kernels as functions, each with a comment that says what it does, and as calls of them.
//
// What a kernel does is written once, however many kernels do it: those of equal layers, and those
// that training and evaluation share. Each kernel then is a call of the function with operands of
// its own: where its tensors lie in the arena, and which random streams it draws from.
#pragma once

#include <emit/emit.h>
#include <gradc/dsl.h>
#include <ir/program.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emit/alone.h"
#include "emit/names.h"

namespace gradc::emit {

// A function that kernels call, or that functions of streams call.
struct Function {
  std::string name;
  std::string comment;             // what the first kernel that calls it is
  std::vector<std::string> texts;  // for each target
  bool called = false;             // by kernels, not by functions
  std::vector<std::size_t> calls;  // of these functions
  int part = 0;                    // of the files that the kernels stand in
};

// A kernel or stream.
struct Call {
  std::size_t function = 0;
  // In the order in which core/model.h hands them over, and what each of them is.
  std::vector<std::int64_t> operands;
  std::vector<std::string> names;
};

// What a kernel or stream is called for people.
std::string unit_name(const ir::Program& program, const ir::Unit& unit);

// "contract + update h/0/weight" is called contract_update, whatever it updates.
std::string function_name(const std::string& title);

// A kernel as it is written: with the axes that suit its emitter, in a program of its own.
Alone written_form(const ir::Program& program, ir::Kernel kernel);

class KernelWriter {
 public:
  // `space`: the namespace that the functions are in. The tuning must outlive this.
  KernelWriter(std::vector<Target> targets, std::string space, const Tuning& tuning)
      : targets_(std::move(targets)), space_(std::move(space)), tuning_(tuning) {}

  // `entry`: what the program is called.
  Call write(const ir::Program& program, const ir::Unit& unit, const std::string& entry);

  // All that the kernels written so far call, each behind those that it calls itself.
  std::vector<Function> take() { return std::move(functions_); }

 private:
  // A function and what it takes, of a program.
  struct Use {
    std::size_t function = 0;
    std::vector<int> buffers;        // for which it takes pointers
    std::vector<int> streams;        // of random numbers, of which it takes the number
    std::vector<std::string> names;  // of the pointers
  };

  Use function(const ir::Program& program, const ir::Kernel& kernel);
  Use stream(const ir::Program& program, const ir::Unit& unit);
  // The function with these texts: called `name` or like it if it is new.
  std::size_t named(const std::vector<std::string>& texts, const std::string& name);

  std::vector<Target> targets_;
  std::string space_;
  const Tuning& tuning_;
  Names names_;
  std::map<std::vector<std::string>, std::size_t> known_;  // from the texts of a function
  std::vector<Function> functions_;
};

}  // namespace gradc::emit
