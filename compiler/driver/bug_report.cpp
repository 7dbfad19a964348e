#include "driver/bug_report.h"

#include <cstdio>
#include <string>
#include <string_view>

#include "driver/output.h"
#include "ir/print.h"
#include "support/check.h"

namespace gradc::driver {
namespace {

const std::vector<Graph>* models_at_work = nullptr;

void leave_models(std::string_view text) {
  const std::string path = "gradc-bug-" + models_at_work->front().name.str() + ".ir";
  std::string file = "// ";
  for (const char c : text) file += c == '\n' ? std::string("\n// ") : std::string(1, c);
  file += "\n";
  for (const Graph& model : *models_at_work) file += "\n" + ir::print(model, {.locations = true});
  const std::string problem = write_files({{path, file}});
  if (problem.empty())
    std::fprintf(stderr, "gradc: the model is written to %s; please report it with this message\n",
                 path.c_str());
  else
    std::fprintf(stderr, "gradc: %s\n", problem.c_str());
}

}  // namespace

void leave_models_on_a_bug(const std::vector<Graph>& models) {
  CHECK(!models.empty());
  models_at_work = &models;
  support::set_bug_handler(leave_models);
}

}  // namespace gradc::driver
