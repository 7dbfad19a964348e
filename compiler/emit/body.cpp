#include "emit/body.h"

#include <fmt/format.h>

#include <algorithm>

#include "emit/alone.h"
#include "emit/notation.h"
#include "ir/cost_model.h"
#include "support/check.h"

namespace gradc::emit {

using ir::Value;
using ir::Written;

namespace {

// An operand longer than this gets a line of its own.
constexpr std::size_t kLongestOperand = 60;

}  // namespace

Body::Body(const Facts& facts) : facts_(facts) {
  scopes_.emplace_back();
  scopes_.back().positions.resize(facts.kernel().axes.size());
  for (std::size_t axis = 0; axis < facts.kernel().axes.size(); ++axis) {
    const std::string name = names_.take(facts.axis_names()[axis]);
    scopes_.back().positions[axis] = {name, 0};
  }
  bind_given_axes();
  for (const ir::Buffer& buffer : facts.program().buffers) names_.take(buffer.name);
  for (int i = 0; i < facts.streams(); ++i) names_.take(stream_name(i));
}

Body::Body(const Facts& facts, const Body& outer) : facts_(facts), names_(outer.names_) {
  scopes_.emplace_back();
  scopes_.back().positions = outer.scopes_.back().positions;
  bind_given_axes();
}

void Body::bind_given_axes() {
  for (const int axis : facts_.kernel().fixed) scopes_.back().axes |= set_of(axis);
}

void Body::open(const std::string& head, AxisSet axes) {
  Scope scope;
  scope.head = head;
  scope.axes = scopes_.back().axes | axes;
  scope.positions = scopes_.back().positions;
  scope.blocks = scopes_.back().blocks;
  scope.valid = scopes_.back().valid;
  scopes_.push_back(std::move(scope));
}

void Body::close() {
  CHECK(scopes_.size() > 1);
  const Scope scope = std::move(scopes_.back());
  scopes_.pop_back();
  for (const std::string& name : scope.owned) names_.release(name);
  if (scope.head.empty() && scope.owned.empty()) {  // nothing to keep apart
    scopes_.back().text += scope.text;
    return;
  }
  line(scope.head.empty() ? "{" : scope.head + " {");
  scopes_.back().text += scope.text;
  line("}");
}

void Body::line(const std::string& text) { scopes_.back().text += text + "\n"; }
void Body::prologue(const std::string& text) { prologue_ += text + "\n"; }

void Body::move(int axis, Position position) {
  scopes_.back().positions[axis] = std::move(position);
}

void Body::set_lanes(int blocks, std::string valid) {
  scopes_.back().blocks = blocks;
  scopes_.back().valid = std::move(valid);
}

std::string Body::text() const {
  CHECK(scopes_.size() == 1, "a scope is still open");
  return prologue_ + scopes_.front().text;
}

std::string Body::take_name(const std::string& wanted, int scope) {
  const std::string name = names_.take(wanted);
  scopes_[scope].owned.push_back(name);
  return name;
}
std::string Body::fresh(const std::string& wanted) {
  return take_name(wanted, static_cast<int>(scopes_.size()) - 1);
}

void Body::bind(int value, int block, const std::string& name) {
  scopes_.back().names[{value, block_of(value, block)}] = name;
}

const std::string* Body::find(int value, int block) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto at = scope->names.find({value, block_of(value, block)});
    if (at != scope->names.end()) return &at->second;
  }
  return nullptr;
}

int Body::home(int value) const {
  const AxisSet axes = facts_.depends(value);
  for (std::size_t scope = 0; scope < scopes_.size(); ++scope)
    if ((axes & ~scopes_[scope].axes) == 0) return static_cast<int>(scope);
  CHECK(false, "value " + std::to_string(value) + " of " + facts_.kernel().name +
                   " is used where its axes have no place");
  return 0;
}

void Body::forget(int buffer) {
  for (Scope& scope : scopes_)
    std::erase_if(scope.names,
                  [&](const auto& entry) { return facts_.reads(entry.first.first, buffer); });
}

Written Body::value(int value, int block, bool vector) {
  return request(value, block, vector, static_cast<int>(scopes_.size()) - 1, false);
}
Written Body::named(int value, int block, bool vector) {
  return request(value, block, vector, static_cast<int>(scopes_.size()) - 1, true);
}

Written Body::request(int index, int block, bool vector, int reader, bool must_name) {
  const Value& value = facts_.value(index);
  if (value.kind == Value::Kind::kConstant)
    return {notation(vector), notation(vector).number(value.number),
            !vector && value.number < 0 ? Written::kUnary : Written::kAtom};
  const bool varies = facts_.varies(index);
  CHECK(vector || !varies, "a vector where a scalar is wanted");
  Written written;
  if (const std::string* name = find(index, block)) {
    written = {notation(varies), *name};
  } else {
    const int scope = home(index);
    written = expression(index, block, scope);
    if (must_name || facts_.uses(index) != 1 || scope != reader ||
        written.text.size() > kLongestOperand)
      written = {notation(varies), declare(index, block, scope, written.text)};
  }
  if (vector && !varies) return {notation(true), splat(written.text)};
  return written;
}

void Body::prepare(int index) {
  const Value& value = facts_.value(index);
  if (value.kind != Value::Kind::kApply || !facts_.varies(index)) return;
  if (find(index, 0) != nullptr) return;
  for (const int operand : value.operands) prepare(operand);
  const int scope = home(index);
  if (facts_.uses(index) == 1 && !ir::is_expensive(value.op)) return;
  for (int block = 0; block < blocks(); ++block)
    if (find(index, block) == nullptr)
      declare(index, block, scope, expression(index, block, scope).text);
}

std::string Body::declare(int index, int block, int scope, const std::string& text) {
  const Types& types = facts_.types();
  const bool varies = facts_.varies(index), integer = facts_.is_integer(index);
  const char* type = varies ? (integer ? types.integer_vector : types.vector)
                            : (integer ? types.integer : types.real);
  const std::string name = take_name(name_for(index, block), scope);
  scopes_[scope].text += fmt::format("const {} {} = {};\n", type, name, text);
  scopes_[scope].names[{index, block_of(index, block)}] = name;
  return name;
}

std::string Body::name_for(int index, int block) const {
  const ir::Kernel& kernel = facts_.kernel();
  const Value& value = facts_.value(index);
  std::string name;
  // A value that is stored has the name of what it becomes; a loaded one, of what it was.
  for (const ir::Stage& stage : kernel.stages)
    for (const auto* stores : {&stage.row_stores, &stage.stores})
      for (const ir::Store& store : *stores)
        if (store.value == index && !store.accumulate)
          name =
              identifier(facts_.buffer(store.buffer).name) + "_" + innermost(facts_, store.index);
  switch (value.kind) {
    case Value::Kind::kLoad:
      name = identifier(facts_.buffer(value.buffer).name) + "_" + innermost(facts_, value.index);
      break;
    case Value::Kind::kApply:
      if (name.empty()) {
        const Written x(notation(true), "x");
        const Written operands[kMaxOperands] = {x, x, x};
        const auto arity = static_cast<std::size_t>(value.operands.size());
        const std::string text = ir::apply(value.op, {operands, arity}).text;
        name = text.substr(0, text.find('('));
        if (name.find_first_of(" x-") != std::string::npos) name = "t";
        name += std::to_string(index);
      }
      break;
    case Value::Kind::kIndex:
      name = "index_" + innermost(facts_, value.index);
      break;
    case Value::Kind::kRandom:
      name = "random_" + innermost(facts_, value.index);
      break;
    case Value::Kind::kExtent:
      name = "extent";
      break;
    default:
      break;
  }
  if (name.empty()) name = "t" + std::to_string(index);
  if (facts_.varies(index) && blocks() > 1) name += "_" + std::to_string(block);
  return name;
}

Written Body::expression(int index, int block, int home) {
  const Value& value = facts_.value(index);
  const bool varies = facts_.varies(index);
  switch (value.kind) {
    case Value::Kind::kLoad:
      return load(index, block, home);
    case Value::Kind::kIndex:
      return index_value(index, block);
    case Value::Kind::kRandom:
      return random(index, block, home);
    case Value::Kind::kExtent:
      return {notation(false), fmt::format("static_cast<{}>(batch)", facts_.types().real)};
    case Value::Kind::kApply: {
      std::vector<Written> operands;
      for (const int operand : value.operands)
        operands.push_back(request(operand, block, varies, home, false));
      return ir::apply(value.op, operands);
    }
    default:
      break;
  }
  CHECK(false, "value " + std::to_string(index) + " of " + facts_.kernel().name +
                   " is read before it is there");
  return {};
}

const std::string& Body::pointer(int index) const { return facts_.buffer(index).name; }

const ir::Notation& Body::notation(bool vector) const {
  return code_notation(facts_.program().real, vector);
}

std::string Body::splat(const std::string& scalar) const {
  return fmt::format("splat<{}>({})", facts_.types().vector, scalar);
}

}  // namespace gradc::emit
