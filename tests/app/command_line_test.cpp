// The program as a whole: usage, help, several models, `check`, `info`, `bench`, and what is
// printed.
#include <gradc/app/program.h>
#include <gradc/app/progress.h>
#include <gradc/app/safetensors.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "app/fake_model.h"
#include "app/harness.h"

namespace gradc::app::testing {
namespace {

using nlohmann::json;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST(Usage, NoCommandPrintsHelp) {
  FakeModel fake = lines_model();
  const Outcome outcome = run_program({&fake.model()}, {});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(first_line(outcome.err), "Trains and runs the model fake (fake.cpp).");
}

TEST(Usage, HelpShowsExamplesAndIsNoError) {
  FakeModel fake = lines_model();
  const Outcome outcome = run_program({&fake.model()}, {"--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find("\nExamples:\n  fake train"), std::string::npos);
  for (const char* command : {"train", "eval", "sample", "bench", "check", "info"}) {
    const Outcome help = run_program({&fake.model()}, {command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_EQ(help.err, "");
    EXPECT_NE(help.out.find(std::string("Usage: fake ") + command), std::string::npos) << help.out;
  }
}

TEST(Usage, WrongWordsExitWith2) {
  FakeModel fake = lines_model();
  const auto complaint = [&](const Arguments& arguments) {
    const Outcome outcome = run_program({&fake.model()}, arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  EXPECT_EQ(complaint({"fly"}),
            "fake: error: The following argument was not expected: fly\n"
            "`fake --help` says more\n");
  EXPECT_EQ(complaint({"train", "--fast"}),
            "fake: error: The following argument was not expected: --fast\n"
            "`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--steps", "many"}),
            "fake: error: --steps: many is no whole number\n`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--steps", "0"}),
            "fake: error: --steps: 0 is less than 1\n"
            "`fake train --help` says more\n");
  for (const std::string seed : {"-1", "0x10", "1.5", "18446744073709551616", ""})
    EXPECT_EQ(complaint({"train", "--seed", seed}),
              "fake: error: --seed: " + seed +
                  " is no whole number from 0 to 2^64 - 1\n`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--threads", "2000"}),
            "fake: error: --threads: 2000 is more than 1024\n"
            "`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--lr", "inf"}),
            "fake: error: --lr: inf is no finite number\n`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--lr", "1e39"}),
            "fake: error: learning_rate=1e+39: too large for f32\n"
            "`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--batch", "9"}),
            "fake: error: --batch 9: fake was generated for batches of 1 to 8\n"
            "`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--set", "momentum=0.9"}),
            "fake: error: fake has no setting \"momentum\"; it has learning_rate, steps\n"
            "`fake train --help` says more\n");
  EXPECT_EQ(complaint({"train", "--set", "learning_rate"}),
            "fake: error: --set learning_rate: NAME=VALUE is wanted, the value a number\n"
            "`fake train --help` says more\n");
}

TEST(Usage, AMessageIsNoCommandToATerminal) {
  FakeModel fake = lines_model();
  EXPECT_EQ(run_program({&fake.model()}, {"train", "-i", "a\x1b[2J\rb"}).err,
            "fake: error: a?[2J?b: cannot be read: No such file or directory\n");
}

TEST(Usage, StandardOutputThatIsFullIsAnError) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  FakeModel fake = lines_model();
  const Outcome outcome = run_program({&fake.model()}, {"info"}, [] {
    if (std::freopen("/dev/full", "w", stdout) == nullptr) _exit(99);
  });
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: standard output cannot be written: No space left on device\n");
}

// ---- several models ----

TEST(Usage, LeadingZerosMeanNothing) {
  FakeModel fake = lines_model();
  const TemporaryFolder folder;
  const Outcome outcome = run_program(
      {&fake.model()}, {"train", "-o", folder / "r", "--steps", "010", "--seed", "010"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const SafetensorsFile file(folder / "r/model.safetensors");
  EXPECT_EQ(file.metadata().at("step"), "10");
  EXPECT_EQ(file.metadata().at("seed"), "10");
}

TEST(SeveralModels, TrainAsksWhich) {
  FakeModel lines = lines_model();
  FakeModel moons = moons_model();
  const ModelList models{&lines.model(), &moons.model()};
  Outcome outcome = run_program(models, {"train"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "fake: error: which model? --model NAME, one of fake, fake_moons\n"
            "`fake train --help` says more\n");
  outcome = run_program(models, {"train", "--model", "moon"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "fake: error: --model moon: there is fake, fake_moons\n"
            "`fake train --help` says more\n");
  const TemporaryFolder folder;
  outcome = run_program(models, {"train", "-o", folder / "r", "--model", "fake_moons"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  outcome = run_program(models, {"--model", "fake_moons", "eval", "-m", folder / "r"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  // A run knows its model.
  EXPECT_EQ(run_program(models, {"eval", "-m", folder / "r"}).out, outcome.out);
}

TEST(SeveralModels, WithoutACommandThoseWithoutInputsRun) {
  FakeModel lines = lines_model();
  FakeModel square = scalar_model();
  const std::string values =
      "square (fake.cpp)\n"
      "  y      18\n"
      "  dy/da  12\n"
      "  dy/db  9\n";
  Outcome outcome = run_program({&square.model()}, {});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, values);
  outcome = run_program({&lines.model(), &square.model(), &square.model()}, {});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, values + "\n" + values);
  outcome = run_program({&lines.model(), &square.model()}, {"--model", "fake"});
  EXPECT_EQ(outcome.status, 2);
}

// ---- check ----

std::vector<std::string> verdicts(const std::string& table) {
  std::vector<std::string> found;
  std::istringstream in(table);
  std::string line;
  std::getline(in, line);
  std::getline(in, line);
  while (std::getline(in, line) && line.starts_with("  ")) {
    std::istringstream words(line);
    std::string name, word;
    words >> name;
    while (words >> word) {
    }
    found.push_back(name + " " + word);
  }
  return found;
}

TEST(Check, AcceptsRightGradients) {
  FakeModel fake = lines_model();
  FakeModel square = scalar_model();
  Outcome outcome = run_program({&fake.model()}, {"check"});
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_EQ(first_line(outcome.out), "fake (fake.cpp): gradients at random parameters, batch 8");
  EXPECT_EQ(verdicts(outcome.out), (std::vector<std::string>{"first ok", "second ok", "bias ok"}));
  outcome = run_program({&square.model()}, {"check"});
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_EQ(verdicts(outcome.out), (std::vector<std::string>{"a ok", "b ok"}));
}

TEST(Check, FindsAFaultInF32) {
  for (const double fault : {1e-3, -1.0}) {
    FakeModel fake = lines_model();
    const Outcome outcome =
        run_program({&fake.model()}, {"check"}, [&] { set_gradient_fault(fault); });
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(verdicts(outcome.out),
              (std::vector<std::string>{"first ok", "second ok", "bias WRONG"}));
    EXPECT_EQ(outcome.out.substr(outcome.out.rfind('\n', outcome.out.size() - 2) + 1),
              "1 of 3 gradients are wrong: beyond 1e-06 of the differences or 0.0001 of f64\n");
  }
}

TEST(Check, FindsAFaultInTheReference) {
  FakeModel square = scalar_model();
  // dy/da where dy/db should be.
  auto& b = square.tensor(core::Role::kGradient, "b");
  b.offset = square.tensor(core::Role::kGradient, "a").offset;
  const Outcome outcome = run_program({&square.model()}, {"check"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(verdicts(outcome.out), (std::vector<std::string>{"a ok", "b WRONG"}));
}

TEST(Check, FindsANaN) {
  FakeModel fake = lines_model();
  const Outcome outcome = run_program({&fake.model()}, {"check"}, [] {
    set_gradient_fault(std::numeric_limits<double>::quiet_NaN());
  });
  EXPECT_EQ(outcome.status, 1);
}

TEST(Check, AModelWithoutLossHasNothingToCheck) {
  FakeModel fake = lines_model();
  fake->loss = -1;
  const Outcome outcome = run_program({&fake.model()}, {"check"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "fake (fake.cpp): minimises nothing, so there is no gradient to check\n");
}

// ---- info and bench ----

TEST(Info, CountsParametersAndBytes) {
  FakeModel fake = lines_model();
  const Outcome outcome = run_program({&fake.model()}, {"info", "--json"});
  ASSERT_EQ(outcome.status, 0);
  const json info = json::parse(outcome.out);
  EXPECT_EQ(info["model"], "fake");
  EXPECT_EQ(info["parameters"], 1485);
  EXPECT_EQ(info["flop"], 2260);
  EXPECT_EQ(info["bytes"]["parameters"], 5940);
  EXPECT_EQ(info["bytes"]["states"], 112);
  EXPECT_EQ(info["kernels"]["train"].size(), 4u);
  EXPECT_EQ(info["kernels"]["train"][3]["name"], "update");
  std::int64_t sum = 0;
  for (const auto& [kind, bytes] : info["bytes"].items()) sum += bytes.get<std::int64_t>();
  EXPECT_EQ(sum, info["arena_bytes"]);
  EXPECT_EQ(run_program({&fake.model()}, {"info"}).status, 0);
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

TEST(Bench, JsonHasTheKeysAndAddsUp) {
  FakeModel fake = lines_model();
  const Outcome outcome =
      run_program({&fake.model()}, {"bench", "--json", "--batch", "4", "--threads", "2"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const json bench = json::parse(outcome.out);
  EXPECT_EQ(keys_of(bench),
            (std::set<std::string>{"model", "threads", "batch", "entry", "step_us", "predicted_us",
                                   "flop", "gflops", "peak_gflops", "peak_of", "share", "kernels",
                                   "machine", "warnings"}));
  EXPECT_EQ(bench["batch"], 4);
  EXPECT_EQ(bench["threads"], 2);
  EXPECT_EQ(bench["flop"], 100 + 4 * (4 * 27 + 6 * 27));
  const auto number = [&](const json& object, const char* key) {
    return object[key].get<double>();
  };
  EXPECT_NEAR(number(bench, "gflops"), number(bench, "flop") / number(bench, "step_us") / 1e3,
              1e-9);
  EXPECT_NEAR(number(bench, "share"), number(bench, "gflops") / number(bench, "peak_gflops"),
              1e-12);
  EXPECT_GT(number(bench, "peak_gflops"), 0.1);
  EXPECT_LT(number(bench, "share"), 1);
  ASSERT_EQ(bench["kernels"].size(), 4u);
  EXPECT_EQ(keys_of(bench["kernels"][0]),
            (std::set<std::string>{"name", "source", "step_us", "predicted_us", "flop", "gflops",
                                   "peak_gflops", "peak_of", "share"}));
}

TEST(Bench, EachKernelIsHeldAgainstThePeakOfWhatItMultiplies) {
  FakeModel fake = lines_model();
  const std::span<const core::KernelInfo> all = fake.model().train.kernels;
  std::vector<core::KernelInfo> kernels(all.begin(), all.end());
  kernels[0].dots_bf16 = true;
  fake->train.kernels = kernels;
  const json bench = json::parse(run_program({&fake.model()}, {"bench", "--json"}).out);
  double least = 0;  // microseconds
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    const json& kernel = bench["kernels"][k];
    EXPECT_EQ(kernel["peak_of"], k == 0 ? "bf16" : "f32");
    const double gflops = kernel["peak_gflops"].get<double>();
    EXPECT_EQ(gflops == bench["kernels"][3]["peak_gflops"].get<double>(), k > 0);
    EXPECT_NEAR(kernel["share"].get<double>(), kernel["gflops"].get<double>() / gflops, 1e-12);
    least += kernel["flop"].get<double>() / gflops * 1e-3;
  }
  EXPECT_EQ(bench["peak_of"], "f32 and bf16");
  EXPECT_NEAR(bench["share"].get<double>(), least / bench["step_us"].get<double>(), 1e-12);
  EXPECT_NE(run_program({&fake.model()}, {"bench"}).out.find("% of bf16  fake.cpp:2\n"),
            std::string::npos);

  for (core::KernelInfo& kernel : kernels) kernel.dots_bf16 = true;
  EXPECT_EQ(json::parse(run_program({&fake.model()}, {"bench", "--json"}).out)["peak_of"], "bf16");
  EXPECT_EQ(json::parse(run_program({&lines_model().model()}, {"bench", "--json"}).out)["peak_of"],
            "f32");
}

TEST(Bench, AModelThatDoesNotTrainIsTimedToo) {
  FakeModel square = scalar_model();
  const Outcome outcome = run_program({&square.model()}, {"bench", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["entry"], "gradient");
  EXPECT_EQ(json::parse(outcome.out)["peak_of"], "f64");
}

TEST(Bench, ADecodedPositionTakesADecoder) {
  FakeModel fake = lines_model(), decoder = lines_model();
  const Outcome refused = run_program({&fake.model()}, {"bench", "--decode"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.err, "fake: error: " + std::string(fake.model().name) + " (" +
                             fake.model().source +
                             ") has no decoder: gradc --emit=decoder says why\n");
  core::Model whole = fake.model();
  whole.decoder = &decoder.model();
  const Outcome outcome = run_program({&whole}, {"bench", "--decode", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["entry"], "decode");
}

// ---- progress ----

TEST(Progress, WritesNumbersForPeople) {
  EXPECT_EQ(duration_text(0.44), "0.4 s");
  EXPECT_EQ(duration_text(59.9), "59 s");
  EXPECT_EQ(duration_text(185), "3 min 5 s");
  EXPECT_EQ(duration_text(7630), "2 h 7 min");
  EXPECT_EQ(rate_text(0.523), "0.523 steps/s");
  EXPECT_EQ(rate_text(66123.4), "66,123 steps/s");
  EXPECT_EQ(rate_text(2.104e6), "2.10 M steps/s");
}

// What a Progress prints in 100 updates, half a second apart.
std::string progress_text(Progress::Style style) {
  char* buffer = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&buffer, &size);
  {
    const Progress::Clock::time_point start{};
    Progress progress(out, style, 0, 100, start);
    for (int step = 1; step <= 100; ++step) {
      progress.update(step, 2.5, start + std::chrono::milliseconds(500 * step));
    }
    progress.finish(100, 2.5, start + std::chrono::seconds(50));
  }
  std::fclose(out);
  std::string text(buffer, size);
  std::free(buffer);
  return text;
}

TEST(Progress, PlainLinesComeAtEachTenth) {
  std::istringstream in(progress_text(Progress::Style::kPlain));
  std::string line;
  for (int tenth = 1; tenth <= 9; ++tenth) {
    std::getline(in, line);
    std::ostringstream expected;
    expected << " " << tenth * 10 << "%  step " << tenth * 10 << "/100  loss 2.5000  2 steps/s  "
             << (tenth == 9 ? "5.0" : std::to_string(50 - 5 * tenth)) << " s left";
    EXPECT_EQ(line, expected.str());
  }
  std::getline(in, line);
  EXPECT_EQ(line, "100%  step 100/100  loss 2.5000  2 steps/s");
  EXPECT_FALSE(std::getline(in, line));
}

TEST(Progress, TheRedrawnLineHasNoColourIfAsked) {
  const std::string plain = progress_text(Progress::Style::kLine);
  EXPECT_EQ(plain.find("\x1b["), plain.find("\x1b[K"));
  EXPECT_EQ(plain.find("\x1b[3"), std::string::npos);
  EXPECT_NE(plain.find("\r[===---"), std::string::npos);
  EXPECT_EQ(plain.back(), '\n');
  EXPECT_EQ(std::ranges::count(plain, '\n'), 1);
  EXPECT_NE(progress_text(Progress::Style::kColoredLine).find("\x1b[32m="), std::string::npos);
}

// On a real terminal of 100 columns.
std::string train_on_terminal(const char* no_color) {
  FakeModel fake = lines_model();
  const core::Model* models[] = {&fake.model()};
  const TemporaryFolder folder;
  int terminal;
  winsize size{24, 100, 0, 0};
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid == 0) {
    setenv("TERM", "xterm", 1);
    no_color == nullptr ? unsetenv("NO_COLOR") : setenv("NO_COLOR", no_color, 1);
    std::string arguments[] = {"fake", "train", "-o", folder / "r", "--steps", "300000"};
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    _exit(run(static_cast<int>(argv.size()), argv.data(), models));
  }
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(terminal, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return text;
}

TEST(Progress, ATerminalGetsOneRedrawnLine) {
  const std::string text = train_on_terminal(nullptr);
  EXPECT_GE(std::ranges::count(text, '\r'), 2 + 4);  // redrawn at least twice, then four line ends
  EXPECT_NE(text.find("\x1b[32m="), std::string::npos);
  EXPECT_EQ(std::ranges::count(text, '\n'), 5) << text;
}

TEST(Progress, NoColorIsHonoured) {
  const std::string text = train_on_terminal("1");
  EXPECT_NE(text.find("\r["), std::string::npos);
  EXPECT_EQ(text.find("\x1b[3"), std::string::npos);
}

}  // namespace
}  // namespace gradc::app::testing
