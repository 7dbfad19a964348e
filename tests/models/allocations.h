// Counts what a test asks memory for.
#pragma once

namespace gradc::test {

// How often operator new was called, in any thread.
int allocations();

}  // namespace gradc::test
