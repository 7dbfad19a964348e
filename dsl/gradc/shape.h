// Dimensions, shapes and types of tensors. Values only: copied freely, compared by content.
#pragma once

#include <gradc/text.h>

#include <cstdint>
#include <type_traits>

namespace gradc {

// The element of a tensor: f32 and f64 for real numbers, i32 for indices. kPoison is the type of a
// value whose declaration was wrong; every rule passes it on without a second message. kBf16 and
// kInt8 are how rounded f32 lie in memory; no tensor has them.
enum class Element : std::uint8_t { kF32, kF64, kI32, kPoison, kBf16, kInt8 };

constexpr const char* name_of(Element element) {
  switch (element) {
    case Element::kF32:
      return "f32";
    case Element::kF64:
      return "f64";
    case Element::kI32:
      return "i32";
    case Element::kBf16:
      return "bf16";
    case Element::kInt8:
      return "int8";
    case Element::kPoison:
      break;
  }
  return "poison";
}

constexpr std::int64_t bytes_of(Element element) {
  switch (element) {
    case Element::kF64:
      return 8;
    case Element::kBf16:
      return 2;
    case Element::kInt8:
      return 1;
    default:
      return 4;
  }
}

inline constexpr int kMaxRank = 6;

// A sequence with room for N items in place, so that a node needs no allocation of its own.
template <class T, int N>
struct List {
  T items[N]{};
  int count = 0;

  constexpr List() = default;
  template <class... U>
    requires(sizeof...(U) > 0 && sizeof...(U) <= N && (std::is_convertible_v<U, T> && ...))
  constexpr List(U... values) : items{static_cast<T>(values)...}, count(sizeof...(U)) {}

  constexpr void push_back(const T& item) { items[count++] = item; }
  constexpr int size() const { return count; }
  constexpr bool empty() const { return count == 0; }
  constexpr bool full() const { return count == N; }
  constexpr T& operator[](int i) { return items[i]; }
  constexpr const T& operator[](int i) const { return items[i]; }
  constexpr const T* begin() const { return items; }
  constexpr const T* end() const { return items + count; }
  constexpr T* begin() { return items; }
  constexpr T* end() { return items + count; }
  constexpr bool contains(const T& item) const {
    for (const T& other : *this)
      if (other == item) return true;
    return false;
  }
  friend constexpr bool operator==(const List& a, const List& b) {
    if (a.count != b.count) return false;
    for (int i = 0; i < a.count; ++i)
      if (!(a.items[i] == b.items[i])) return false;
    return true;
  }
};

using Axes = List<int, kMaxRank>;

// One extent. A batched dimension has `size` as its largest extent; while a program runs its extent
// is size / B times the current batch, where B is the graph's largest batch. Along a time dimension
// a sequence is generated: what that changes is how a program samples, never what a graph means,
// and neither do names, which serve messages.
struct Dim {
  std::int64_t size = 1;
  const char* name = "";
  bool batched = false;
  bool time = false;
  bool option = false;  // set by the -D option called `name`

  constexpr Dim() = default;
  constexpr Dim(std::int64_t extent) : size(extent) {}
  constexpr Dim(std::int64_t extent, const char* its_name) : size(extent), name(its_name) {}

  // The extent as a plain number, for arithmetic in a declaration.
  constexpr operator std::int64_t() const { return size; }

  friend constexpr bool operator==(const Dim& a, const Dim& b) {
    return a.size == b.size && a.batched == b.batched;
  }
  // The merged dimension of `dim` and an inner one of static extent.
  friend constexpr Dim operator*(Dim dim, Dim inner) {
    dim.name = "";
    dim.option = false;
    dim.time = false;
    dim.size *= inner.size;
    dim.batched = dim.batched || inner.batched;
    return dim;
  }
  friend constexpr Dim operator*(Dim dim, int inner) { return dim * Dim(inner); }
  friend constexpr Dim operator*(int outer, Dim dim) { return Dim(outer) * dim; }
};

using Shape = List<Dim, kMaxRank>;

struct Type {
  Element element = Element::kF32;
  Shape shape;

  constexpr int rank() const { return shape.size(); }
  constexpr bool poisoned() const { return element == Element::kPoison; }
  constexpr bool real() const { return element == Element::kF32 || element == Element::kF64; }
  friend constexpr bool operator==(const Type&, const Type&) = default;
};

// Whether two shapes are equal in all that can be said of them, names too.
constexpr bool is_identical(const Shape& a, const Shape& b) {
  if (!(a == b)) return false;
  for (int i = 0; i < a.size(); ++i)
    if (a[i].time != b[i].time || a[i].option != b[i].option || !same_chars(a[i].name, b[i].name))
      return false;
  return true;
}

// The number of elements at the largest batch.
constexpr std::int64_t elements_of(const Shape& shape) {
  std::int64_t count = 1;
  for (const Dim& dim : shape) count *= dim.size;
  return count;
}

constexpr bool is_batched(const Shape& shape) {
  for (const Dim& dim : shape)
    if (dim.batched) return true;
  return false;
}

// "hidden=200", or "200" for a dimension without a name.
constexpr Text to_text(const Dim& dim) {
  Text text = dim.name;
  if (!text.empty()) text += "=";
  return text + to_text(dim.size);
}

// "[batch=32, 27]"
constexpr Text to_text(const Shape& shape) {
  Text text = "[";
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += to_text(shape[axis]);
  }
  return text + "]";
}

constexpr Text to_text(const Axes& axes) {
  Text text = "[";
  for (int i = 0; i < axes.size(); ++i) {
    if (i > 0) text += ", ";
    text += to_text(static_cast<std::int64_t>(axes[i]));
  }
  return text + "]";
}

// "f32[batch=32, 27]"
constexpr Text to_text(const Type& type) {
  return Text(name_of(type.element)) + to_text(type.shape);
}

}  // namespace gradc
