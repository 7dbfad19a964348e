// Body: the inside of a function in the making: nested scopes, and values placed in them.
//
//   Body body(facts);
//   body.open("for (std::int64_t b = 0; b < batch; ++b)", set_of(b));
//   body.line("sum += " + body.value(v, 0, true).text + ";");
//   body.close();
//   body.text()
//
// A value is written where it is first asked for, but in the outermost scope that binds all axes it
// depends on, and once: later requests get the name of the local that holds it. A value that is
// read once, in the scope where it belongs, becomes part of the expression that reads it.
//
// Along the lane axis a scope holds one or more blocks, a vector each. The last block may have
// lanes that do not exist.
#pragma once

#include <ir/written.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "emit/facts.h"
#include "emit/names.h"

namespace gradc::emit {

// Where an axis stands: variable + constant; without a variable, a constant.
struct Position {
  std::string variable;
  std::int64_t constant = 0;
};

class Body {
 public:
  explicit Body(const Facts& facts);
  // The inside of a scope of `outer`, whose kernel differs in its loops only, and whose names it
  // leaves alone.
  Body(const Facts& facts, const Body& outer);

  // Opens `head {`, in which `axes` have one place each. Names end with it.
  void open(const std::string& head, AxisSet axes);
  void close();
  void line(const std::string& text);
  // A line of the outermost scope, before all else.
  void prologue(const std::string& text);

  // Axes that get their places within the current scope, unrolled; and no longer.
  void widen(AxisSet axes) { scopes_.back().axes |= axes; }
  void narrow(AxisSet axes) { scopes_.back().axes &= ~axes; }
  // From now on, until the current scope ends.
  void move(int axis, Position position);
  // The lanes of this scope: `blocks` vectors of which the last one has `valid` lanes, an
  // expression of type int, or all if empty.
  void set_lanes(int blocks, std::string valid);
  int blocks() const { return scopes_.back().blocks; }
  const std::string& valid() const { return scopes_.back().valid; }
  // Whether a block has lanes that do not exist.
  bool is_partial(int block) const { return !valid().empty() && block == blocks() - 1; }

  // A value for use in the current scope, as a vector or a scalar. `block` counts where it varies
  // along the lanes.
  ir::Written value(int value, int block, bool vector);
  // The same under a name of its own, so that no later store can change it.
  ir::Written named(int value, int block, bool vector);
  // Writes what `value` is made of for all blocks, operation by operation rather than block by
  // block: chains of operations then run side by side.
  void prepare(int value);
  // Says what a value is called from now on in the current scope: kReduced, kAccumulator.
  void bind(int value, int block, const std::string& name);
  // A name that is free in all open scopes, until the current one ends.
  std::string fresh(const std::string& wanted);
  // The name that suits a value.
  std::string name_for(int value, int block) const;

  void store(const ir::Store& store, int block, const ir::Written& value);
  // Values read from a buffer that has changed are no longer what they were.
  void forget(int buffer);

  // "b * 32 + j + 16", with the lane axis at its block.
  std::string index(const ir::Affine& index, int block) const;
  // The name of the pointer to a buffer, a parameter of the function.
  const std::string& pointer(int buffer) const;
  // One element of a buffer as a real number, or as an index.
  std::string element_of(int buffer, const std::string& place) const;

  const ir::Notation& notation(bool vector) const;
  std::string splat(const std::string& scalar) const;
  const Facts& facts() const { return facts_; }

  // Everything, once all scopes are closed.
  std::string text() const;

 private:
  struct Scope {
    std::string head;
    AxisSet axes = 0;  // bound here or further out
    std::string text;
    std::map<std::pair<int, int>, std::string> names;  // of a value's block, -1 for scalars
    std::vector<std::string> owned;
    std::vector<Position> positions;
    int blocks = 1;
    std::string valid;
  };

  void bind_given_axes();
  int home(int value) const;
  int block_of(int value, int block) const { return facts_.varies(value) ? block : -1; }
  const std::string* find(int value, int block) const;
  ir::Written request(int value, int block, bool vector, int reader, bool must_name);
  ir::Written expression(int value, int block, int home);
  ir::Written load(int value, int block, int home);
  ir::Written load_by_lane(int value, int block, int home);
  ir::Written index_value(int value, int block);
  ir::Written random(int value, int block, int home);
  // What row of a table is chosen, times its stride: " + token * 16"; for lane i if it varies.
  std::string row_offset(int row, std::int64_t stride, int block, int home);
  std::string declare(int value, int block, int scope, const std::string& text);
  std::string take_name(const std::string& wanted, int scope);

  const Facts& facts_;
  std::string prologue_;
  Names names_;
  std::vector<Scope> scopes_;
};

// The innermost variable of an index, or "0".
std::string innermost(const Facts& facts, const ir::Affine& index);

}  // namespace gradc::emit
