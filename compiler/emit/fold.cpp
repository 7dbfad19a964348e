#include "emit/fold.h"

#include <fmt/format.h>

#include <limits>

#include "support/check.h"

namespace gradc::emit {

bool adds_products(const Facts& facts, const ir::Reduction& reduction) {
  const ir::Value& value = facts.value(reduction.value);
  return !reduction.maximum && value.kind == ir::Value::Kind::kApply && value.op == op_of<Mul> &&
         facts.uses(reduction.value) == 1;
}

std::string Fold::identity() const {
  return body_.notation(vectors_).number(
      reduction_.maximum ? -std::numeric_limits<double>::infinity() : 0);
}

std::string Fold::combined(const std::string& a, const std::string& b) const {
  return reduction_.maximum ? fmt::format("max({}, {})", a, b) : fmt::format("{} + {}", a, b);
}

std::string Fold::kept(const std::string& value, const std::string& lanes) const {
  if (!reduction_.maximum) return fmt::format("keep_first({}, {})", value, lanes);
  return fmt::format("keep_first({}, {}, {})", value, lanes, identity());
}

std::string Fold::name() const {
  const std::string of =
      body_.facts().value(reduction_.value).kind == ir::Value::Kind::kLoad
          ? identifier(body_.facts().buffer(body_.facts().value(reduction_.value).buffer).name)
          : std::to_string(reduction_.result);
  return (reduction_.maximum ? "max_" : "sum_") + of;
}

void Fold::begin() {
  const Types& types = body_.facts().types();
  const int all = count_ * ways_;
  for (int part = 0; part < all; ++part) {
    parts_.push_back(body_.fresh(all == 1 ? "partial" : fmt::format("partial_{}", part)));
    body_.line(fmt::format("{} {} = {};", vectors_ ? types.vector : types.real, parts_.back(),
                           identity()));
  }
}

void Fold::step(bool loops, bool masked_later, int way) {
  const int blocks = vectors_ ? body_.blocks() : 1;
  if (vectors_ && blocks > 1) body_.prepare(reduction_.value);
  for (int block = 0; block < blocks; ++block) {
    if (loops && adds_products(body_.facts(), reduction_) &&
        !(across_ && body_.is_partial(block))) {
      const auto factor = [&](std::size_t i) {
        return body_.value(body_.facts().value(reduction_.value).operands[i], block, vectors_).text;
      };
      const std::string& part = parts_[way * count_ + block % count_];
      const std::string a = factor(0), b = factor(1);
      body_.line(fmt::format("{0} = fma({1}, {2}, {0});", part, a, b));
      continue;
    }
    const ir::Written value = loops ? body_.value(reduction_.value, block, vectors_)
                                    : body_.named(reduction_.value, block, vectors_);
    std::string text = value.text;
    const bool partial = across_ && body_.is_partial(block);
    if (partial && masked_later) valid_ = body_.valid();
    if (partial && !masked_later)
      text = kept(text, body_.valid());
    else if (value.binding == ir::Written::kSum && !reduction_.maximum)
      text = "(" + text + ")";
    if (loops) {
      const std::string& part = parts_[way * count_ + block % count_];
      body_.line(fmt::format("{} = {};", part, combined(part, text)));
    } else {
      parts_.push_back(text);
    }
  }
}

std::string Fold::all() const {
  std::string all;
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const bool cut = !valid_.empty() && part + 1 == parts_.size();
    const std::string next = cut ? kept(parts_[part], valid_) : parts_[part];
    all = part == 0 ? next : combined(all, next);
  }
  return all;
}

void Fold::finish() {
  const Types& types = body_.facts().types();
  for (std::size_t part = static_cast<std::size_t>(count_); ways_ > 1 && part < parts_.size();
       ++part) {
    std::string& sum = parts_[part % static_cast<std::size_t>(count_)];
    sum = combined(sum, parts_[part]);
  }
  if (ways_ > 1) parts_.resize(static_cast<std::size_t>(count_));
  if (!across_) {
    // The rows are the lanes, or there are none: what was folded is the result.
    for (std::size_t block = 0; block < parts_.size(); ++block) {
      const std::string result =
          body_.fresh(parts_.size() == 1 ? name() : fmt::format("{}_{}", name(), block));
      body_.line(fmt::format("const {} {} = {};", vectors_ ? types.vector : types.real, result,
                             parts_[block]));
      body_.bind(reduction_.result, static_cast<int>(block), result);
    }
    return;
  }
  const std::string result = body_.fresh(name());
  body_.line(fmt::format("const {} {} = {}({});", types.real, result,
                         reduction_.maximum ? "maximum" : "sum", all()));
  body_.bind(reduction_.result, -1, result);
}

}  // namespace gradc::emit
