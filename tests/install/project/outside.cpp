// Uses the generated API from a program that gradc did not write.
#include <cstdio>

#include "nplm.gen.h"

int main() {
  std::printf("%s takes batches of up to %lld\n", nplm::kModel.name,
              static_cast<long long>(nplm::kModel.max_batch));
  return nplm::kModel.max_batch == 32 ? 0 : 1;
}
