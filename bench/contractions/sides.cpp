#include "sides.h"

#include <dlfcn.h>
#include <sched.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <stdexcept>

namespace gradc::bench {
namespace {

// As their headers declare them.
using CblasSgemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k,
                            float alpha, const float* a, int lda, const float* b, int ldb,
                            float beta, float* c, int ldc);
using DnnlSgemm = int (*)(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n,
                          std::int64_t k, float alpha, const float* a, std::int64_t lda,
                          const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
struct DnnlVersion {
  int major, minor, patch;
};

constexpr int kRowMajor = 101, kAsIs = 111, kTransposed = 112;

CblasSgemm cblas_sgemm = nullptr;
DnnlSgemm dnnl_sgemm = nullptr;

void multiply_by_openblas(const Problem& p) {
  cblas_sgemm(kRowMajor, p.left_transposed() ? kTransposed : kAsIs,
              p.right_transposed() ? kTransposed : kAsIs, static_cast<int>(p.m()),
              static_cast<int>(p.n()), static_cast<int>(p.k()), 1, p.left().data,
              static_cast<int>(p.left().stride), p.right().data, static_cast<int>(p.right().stride),
              0, p.result().data, static_cast<int>(p.result().stride));
}

// A failure needs no message: the result is wrong then.
void multiply_by_onednn(const Problem& p) {
  dnnl_sgemm(p.left_transposed() ? 'T' : 'N', p.right_transposed() ? 'T' : 'N', p.m(), p.n(), p.k(),
             1, p.left().data, p.left().stride, p.right().data, p.right().stride, 0,
             p.result().data, p.result().stride);
}

void* open_library(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  return library;
}

template <class Function>
Function find(void* library, const std::string& path, const std::string& name) {
  for (const char* prefix : {"", "scipy_"})
    if (void* const symbol = dlsym(library, (prefix + name).c_str()))
      return reinterpret_cast<Function>(symbol);
  throw std::runtime_error(path + " has no " + name);
}

}  // namespace

void stay_on_one_core() {
  for (const char* name : {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}) setenv(name, "1", 1);
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
}

Side generated_side() {
  return {"gradc", "", [](const Problem& problem) { problem.run_generated(); }};
}

Side open_openblas(const std::string& path) {
  void* const library = open_library(path);
  cblas_sgemm = find<CblasSgemm>(library, path, "cblas_sgemm");
  const auto config = find<const char* (*)()>(library, path, "openblas_get_config");
  return {"OpenBLAS", config(), multiply_by_openblas};
}

Side open_onednn(const std::string& path) {
  void* const library = open_library(path);
  dnnl_sgemm = find<DnnlSgemm>(library, path, "dnnl_sgemm");
  const auto version = find<const DnnlVersion* (*)()>(library, path, "dnnl_version")();
  return {"oneDNN",
          "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
              std::to_string(version->patch),
          multiply_by_onednn};
}

int running_threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace gradc::bench
