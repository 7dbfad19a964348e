// Each file of models/ holds one mistake, with the whole of every message it must get, and its
// legal twin behind -DLEGAL, which must get none. <name>.screen beside it is all that the terminal
// shows.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "driver/screen.h"
#include "frontend/said.h"

namespace gradc::test {
namespace {

namespace fs = std::filesystem;

std::string print(const std::vector<Said>& all) {
  std::string text;
  for (const Said& said : all)
    text += "  " + std::to_string(said.line) + ": " + said.severity + ": " + said.message + "\n";
  return text;
}

std::vector<fs::path> model_files() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(GRADC_TEST_MODELS))
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class BadModel : public testing::TestWithParam<fs::path> {};

TEST_P(BadModel, IsToldWhatIsWrong) {
  const std::vector<Said> expected = expected_of(GetParam());
  const frontend::Reading reading = frontend::read_models(request_for(GetParam()));
  EXPECT_EQ(print(said_of(reading)), print(expected));
  const bool error = std::any_of(expected.begin(), expected.end(),
                                 [](const Said& said) { return said.severity == "error"; });
  ASSERT_FALSE(expected.empty()) << "the file expects nothing";
  EXPECT_EQ(reading.failed, error);
  EXPECT_EQ(reading.models.empty(), error);
}

TEST_P(BadModel, LegalTwinIsFine) {
  if (GetParam().stem() == "empty") GTEST_SKIP() << "nothing is legal in it";
  frontend::Request request = request_for(GetParam());
  request.flags.push_back("-DLEGAL");
  const frontend::Reading reading = frontend::read_models(request);
  EXPECT_EQ(reading.screen + reading.diagnostics.text(), "");
  EXPECT_FALSE(reading.models.empty());
}

TEST_P(BadModel, ScreenIsTheStoredOne) {
  fs::path stored = GetParam();
  stored.replace_extension(".screen");
  if (!fs::exists(stored)) return;
  frontend::Request request = request_for(GetParam());
  const frontend::Reading reading = frontend::read_models(request);
  std::string screen = reading.screen + driver::show(reading.diagnostics, false);
  const std::string folder = GetParam().parent_path().string() + "/";
  for (std::size_t at = 0; (at = screen.find(folder, at)) != std::string::npos;)
    screen.erase(at, folder.size());
  std::stringstream want;
  want << std::ifstream(stored).rdbuf();
  EXPECT_EQ(screen, want.str());
}

INSTANTIATE_TEST_SUITE_P(Models, BadModel, testing::ValuesIn(model_files()),
                         [](const auto& test) { return test.param.stem().string(); });

}  // namespace
}  // namespace gradc::test
