#include "models/allocations.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace gradc::test {
namespace {

std::atomic<int> count{0};

}  // namespace

int allocations() { return count; }

}  // namespace gradc::test

void* operator new(std::size_t bytes) {
  ++gradc::test::count;
  if (void* const memory = std::malloc(std::max<std::size_t>(1, bytes))) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
