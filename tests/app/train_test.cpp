// The command `train`: what it promises about runs, interrupts and failures.
#include <gradc/app/checkpoint.h>
#include <gradc/app/run_folder.h>
#include <gradc/app/training_log.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <limits>
#include <sstream>
#include <thread>

#include "app/fake_model.h"
#include "app/harness.h"

namespace gradc::app::testing {
namespace {

namespace fs = std::filesystem;
using core::Role;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

class Train : public ::testing::Test {
 protected:
  Train() { write_file(names_, small_names()); }

  Outcome train(Arguments more, const std::function<void()>& prepare = {}) {
    Arguments arguments{"train", "-i", names_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program({&fake_.model()}, arguments, prepare);
  }

  std::string checkpoint(const std::string& run) { return folder_ / run + "/model.safetensors"; }
  std::string log(const std::string& run) { return folder_ / run + "/log.csv"; }
  std::string step_of(const std::string& run) {
    return SafetensorsFile(checkpoint(run)).metadata().at("step");
  }

  // The bytes of all tensors of a checkpoint.
  std::string tensors_of_run(const std::string& run) {
    const SafetensorsFile file(checkpoint(run));
    std::string bytes;
    for (const StoredTensor& tensor : file.tensors()) {
      std::string part(tensor.end - tensor.begin, '\0');
      file.read(tensor, std::as_writable_bytes(std::span(part)));
      bytes += tensor.name + part;
    }
    return bytes;
  }

  // log.csv without its last column, the seconds.
  std::string timeless_log(const std::string& run) {
    std::istringstream in(read_file(log(run)));
    std::string text;
    for (std::string line; std::getline(in, line);) text += line.substr(0, line.rfind(',')) + "\n";
    return text;
  }

  // Its first two columns: step and loss.
  std::string losses(const std::string& run) {
    std::istringstream in(read_file(log(run)));
    std::string text;
    for (std::string line; std::getline(in, line);) {
      text += line.substr(0, line.find(',', line.find(',') + 1)) + "\n";
    }
    return text;
  }

  FakeModel fake_ = lines_model();
  TemporaryFolder folder_;
  std::string names_ = folder_ / "names.txt";
};

TEST_F(Train, WritesACheckpointAndALog) {
  const Outcome outcome = train({"-o", folder_ / "r", "--steps", "1000", "--threads", "1"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  std::istringstream out(outcome.out);
  std::string line;
  std::getline(out, line);
  EXPECT_EQ(line, "fake: 1,485 parameters, batch 8, 1 thread");
  std::getline(out, line);
  EXPECT_EQ(line, names_ + ": 40 lines, 238 examples, 27 characters with the boundary");

  const SafetensorsFile file(checkpoint("r"));
  EXPECT_EQ(file.metadata().at("model"), "fake");
  EXPECT_EQ(file.metadata().at("vocabulary"), ".abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(file.metadata().at("setting.learning_rate"), "0.5");
  EXPECT_EQ(file.metadata().at("setting.steps"), "1000");
  std::vector<std::string> names;
  for (const StoredTensor& tensor : file.tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "second", "bias", "step", "velocity"}));
  EXPECT_EQ(file.find("first")->shape, (std::vector<std::int64_t>{27, 27}));
  float step;
  file.read(*file.find("step"), std::as_writable_bytes(std::span(&step, 1)));
  EXPECT_EQ(step, 1000);

  // Every fifth step a row, every fiftieth with a dev loss.
  std::istringstream rows(read_file(log("r")));
  std::getline(rows, line);
  EXPECT_EQ(line, "step,loss,dev_loss,learning_rate,seconds");
  for (int expected = 5; expected <= 1000; expected += 5) {
    ASSERT_TRUE(std::getline(rows, line));
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    ASSERT_EQ(cells.size(), 5u) << line;
    EXPECT_EQ(cells[0], std::to_string(expected));
    EXPECT_NE(cells[1], "");
    EXPECT_EQ(cells[2].empty(), expected % 50 != 0) << line;
    EXPECT_EQ(cells[3], "0.5");
  }
  EXPECT_FALSE(std::getline(rows, line));
}

TEST_F(Train, LearnsAndStartsFromDeclaredValues) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "2000"}).status, 0);
  std::istringstream rows(timeless_log("r"));
  std::string header, first, line, last;
  std::getline(rows, header);
  std::getline(rows, first);
  while (std::getline(rows, line)) last = line;
  const double before = std::stod(first.substr(first.find(',') + 1));
  const double after = std::stod(last.substr(last.find(',') + 1));
  EXPECT_NEAR(before, 3.2, 0.25);  // log 27 is 3.3
  EXPECT_LT(after, 2.0);
}

TEST_F(Train, RepeatsBitForBitWithAnyNumberOfThreads) {
  ASSERT_EQ(train({"-o", folder_ / "a", "--steps", "300", "--threads", "1"}).status, 0);
  ASSERT_EQ(train({"-o", folder_ / "b", "--steps", "300", "--threads", "3"}).status, 0);
  ASSERT_EQ(train({"-o", folder_ / "c", "--steps", "300", "--seed", "2"}).status, 0);
  EXPECT_TRUE(tensors_of_run("a") == tensors_of_run("b"));
  EXPECT_EQ(timeless_log("a"), timeless_log("b"));
  EXPECT_TRUE(tensors_of_run("a") != tensors_of_run("c"));
}

TEST_F(Train, ResumesToTheSameBitsAndTheSameLog) {
  ASSERT_EQ(train({"-o", folder_ / "whole", "--steps", "400"}).status, 0);
  ASSERT_EQ(train({"-o", folder_ / "parts", "--steps", "250"}).status, 0);
  const Outcome outcome = run_program(
      {&fake_.model()},
      {"train", "-o", folder_ / "parts", "--resume", "--steps", "400", "--threads", "2"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(step_of("parts"), "400");
  EXPECT_TRUE(tensors_of_run("parts") == tensors_of_run("whole"));
  EXPECT_EQ(losses("parts"), losses("whole"));
}

TEST_F(Train, ResumingRewritesNoRowAndLosesNone) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "200"}).status, 0);
  // As if the program had died after more rows than the checkpoint knows of.
  const std::string rows = read_file(log("r"));
  write_file(log("r"), rows + "201,9,,0.5,9\n202,9,,0.5,9\ngarbage\n");
  ASSERT_EQ(train({"-o", folder_ / "r", "--resume", "--steps", "400"}).status, 0);
  std::istringstream in(read_file(log("r")));
  std::string line;
  std::getline(in, line);
  int expected = 0;
  int count = 0;
  while (std::getline(in, line)) {
    const int step = std::stoi(line);
    EXPECT_GT(step, expected);
    EXPECT_NE(line.substr(line.find(','), 3), ",9,");
    expected = step;
    ++count;
  }
  EXPECT_EQ(expected, 400);
  EXPECT_EQ(count, 200 + 100);  // a row a step, then one every other step
}

TEST_F(Train, AResumedRunKeepsItsSettings) {
  ASSERT_EQ(train({"-o", folder_ / "whole", "--steps", "60", "--lr", "0.25", "--batch", "4",
                   "--seed", "9"})
                .status,
            0);
  ASSERT_EQ(train({"-o", folder_ / "parts", "--steps", "30", "--lr", "0.25", "--batch", "4",
                   "--seed", "9"})
                .status,
            0);
  ASSERT_EQ(train({"-o", folder_ / "parts", "--resume", "--steps", "60"}).status, 0);
  EXPECT_TRUE(tensors_of_run("parts") == tensors_of_run("whole"));
}

TEST_F(Train, ResumeRefusesAnotherSeedOrOtherData) {
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  const std::string before = read_file(checkpoint("r"));
  Outcome outcome = train({"-o", folder_ / "r", "--resume", "--seed", "2", "--steps", "900"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "fake: error: --seed 2: " + (folder_ / "r") +
                             " was started with --seed 1, and a resumed run keeps it\n"
                             "`fake train --help` says more\n");
  write_file(names_, small_names() + "zed\n");
  outcome = train({"-o", folder_ / "r", "--resume", "--steps", "900"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + names_ + ": not the data that " + (folder_ / "r") +
                             " was trained on; --resume goes on with the same file only\n");
  EXPECT_TRUE(read_file(checkpoint("r")) == before);
}

TEST_F(Train, ResumeNeedsARun) {
  const Outcome outcome = train({"-o", folder_ / "r", "--resume"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + checkpoint("r") +
                             ": there is no trained model; `train -o " + (folder_ / "r") +
                             "` makes one\n");
  EXPECT_FALSE(fs::exists(folder_ / "r"));
}

TEST_F(Train, AFinishedRunSaysSo) {
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  const Outcome outcome = train({"-o", folder_ / "r", "--resume"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, (folder_ / "r") + " has its 200 steps already; --steps N asks for more\n");
}

TEST_F(Train, AnExistingRunIsSafe) {
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  const std::string before = read_file(checkpoint("r"));
  const std::string rows = read_file(log("r"));
  Outcome outcome = train({"-o", folder_ / "r", "--steps", "20"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + (folder_ / "r") +
                             ": a trained model is there already; --resume goes on with it, "
                             "--force sets it aside and starts anew\n");
  EXPECT_TRUE(read_file(checkpoint("r")) == before);
  EXPECT_EQ(read_file(log("r")), rows);

  // --force loses nothing either.
  for (const char* number : {".1", ".2"}) {
    outcome = train({"-o", folder_ / "r", "--steps", "20", "--force"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(fs::exists(checkpoint("r") + number));
    EXPECT_TRUE(fs::exists(log("r") + number));
  }
  EXPECT_TRUE(read_file(checkpoint("r") + ".1") == before);
  EXPECT_EQ(read_file(log("r") + ".1"), rows);
  EXPECT_EQ(step_of("r"), "20");
}

TEST_F(Train, AWrongFileChangesNothingUnderForce) {
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  write_file(names_, "one\n");
  EXPECT_EQ(train({"-o", folder_ / "r", "--force"}).status, 1);
  EXPECT_EQ(step_of("r"), "200");
  EXPECT_FALSE(fs::exists(checkpoint("r") + ".1"));
}

TEST_F(Train, ForceAndResumeExcludeEachOther) {
  const Outcome outcome = train({"-o", folder_ / "r", "--force", "--resume"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "fake: error: --resume excludes --force\n`fake train --help` says more\n");
}

// ---- two at once ----

TEST_F(Train, TwoTrainingsDoNotShareAFolder) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "100"}).status, 0);
  const std::string before = read_file(checkpoint("r")), rows = read_file(log("r"));
  const std::string taken =
      "fake: error: " + (folder_ / "r") + ": another training is running in this folder\n";
  {
    const RunLock lock(folder_ / "r");
    for (const char* option : {"--resume", "--force"}) {
      const Outcome outcome = train({"-o", folder_ / "r", "--steps", "200", option});
      EXPECT_EQ(outcome.status, 1) << option;
      EXPECT_EQ(outcome.err, taken);
    }
    EXPECT_TRUE(read_file(checkpoint("r")) == before);
    EXPECT_EQ(read_file(log("r")), rows);
  }
  EXPECT_EQ(train({"-o", folder_ / "r", "--steps", "200", "--resume"}).status, 0);
}

// Before its first checkpoint a run has nothing but its lock.
TEST_F(Train, ATrainingThatHasJustBegunKeepsItsFolder) {
  Child child({&fake_.model()}, {"train", "-i", names_, "-o", folder_ / "r", "--steps",
                                 "1000000000", "--set", "steps=7"});
  while (!fs::exists(log("r"))) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const Outcome outcome = train({"-o", folder_ / "r"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: " + (folder_ / "r") + ": another training is running in this folder\n");
  ASSERT_EQ(::kill(child.pid(), SIGKILL), 0);
  child.wait();
  EXPECT_EQ(train({"-o", folder_ / "r"}).status, 0);  // a lock dies with its owner
}

// ---- divergence ----

TEST_F(Train, AnInfiniteLossStopsAtOnce) {
  const Outcome outcome = train({"-o", folder_ / "r", "--lr", "3e38"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: the loss is infinite at step 2; no checkpoint was written; try a "
            "learning rate below 3e+38: --lr X\n");
  EXPECT_FALSE(fs::exists(checkpoint("r")));
}

TEST_F(Train, ADivergedRunKeepsTheLastGoodCheckpoint) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "100"}).status, 0);
  const std::string before = read_file(checkpoint("r"));
  const Outcome outcome =
      train({"-o", folder_ / "r", "--resume", "--steps", "300", "--lr", "3e38"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: the loss is infinite at step 103; " + checkpoint("r") +
                             " still holds step 100; try a learning rate below 3e+38: --lr X\n");
  EXPECT_TRUE(read_file(checkpoint("r")) == before);
}

TEST_F(Train, ParametersThatAreNotFiniteAreNotSaved) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "100"}).status, 0);
  // A state that the loss does not depend on.
  std::string bytes = read_file(checkpoint("r"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + bytes.size() - sizeof nan, &nan, sizeof nan);
  write_file(checkpoint("r"), bytes);
  const Outcome outcome = train({"-o", folder_ / "r", "--resume", "--steps", "101"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: \"velocity\" is no longer finite at step 101; " +
                             checkpoint("r") +
                             " still holds step 100; try a learning rate below 0.5: --lr X\n");
  EXPECT_TRUE(read_file(checkpoint("r")) == bytes);
}

// ---- interrupts ----

class TrainInterrupted : public Train, public ::testing::WithParamInterface<int> {};

TEST_P(TrainInterrupted, LeavesACheckpointThatResumesToTheSameBits) {
  Child child({&fake_.model()}, {"train", "-i", names_, "-o", folder_ / "r", "--steps", "20000000",
                                 "--set", "steps=7"});
  const auto lines = [&] { return std::ranges::count(read_file(log("r")), '\n'); };
  while (lines() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // steps are done
  ASSERT_EQ(::kill(child.pid(), GetParam()), 0);
  const Outcome outcome = child.wait();
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const std::string step = step_of("r");
  ASSERT_NE(step, "0");
  const std::size_t last = outcome.out.rfind("stopped at");
  ASSERT_NE(last, std::string::npos);
  std::string shown = step;
  for (int i = static_cast<int>(shown.size()) - 3; i > 0; i -= 3) {
    shown.insert(static_cast<std::size_t>(i), ",");
  }
  EXPECT_EQ(outcome.out.substr(last), "stopped at step " + shown + "; `fake train -o " +
                                          (folder_ / "r") + " --resume` goes on\n");

  const std::string further = std::to_string(std::stoll(step) + 100);
  const Outcome resumed = run_program({&fake_.model()}, {"train", "-o", folder_ / "r", "--resume",
                                                         "--steps", further, "--set", "steps=7"});
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  ASSERT_EQ(train({"-o", folder_ / "whole", "--steps", further, "--set", "steps=7"}).status, 0);
  EXPECT_TRUE(tensors_of_run("r") == tensors_of_run("whole"));
}

INSTANTIATE_TEST_SUITE_P(Signals, TrainInterrupted, ::testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_F(Train, ASignalBeforeTheFirstStepLeavesACheckpointToo) {
  Child child({&fake_.model()},
              {"train", "-i", names_, "-o", folder_ / "r", "--steps", "20000000"});
  while (!fs::exists(folder_ / "r")) {
  }
  ASSERT_EQ(::kill(child.pid(), SIGINT), 0);
  EXPECT_EQ(child.wait().status, 130);
  const std::string further = std::to_string(std::stoll(step_of("r")) + 100);
  EXPECT_EQ(train({"-o", folder_ / "r", "--resume", "--steps", further}).status, 0);
}

TEST_F(Train, RunsOnWithoutATerminalIfAskedTo) {
  const auto as_nohup_does = [] { std::signal(SIGHUP, SIG_IGN); };
  Child child({&fake_.model()}, {"train", "-i", names_, "-o", folder_ / "r", "--steps", "200000"},
              as_nohup_does);
  while (!fs::exists(log("r"))) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ASSERT_EQ(::kill(child.pid(), SIGHUP), 0);
  EXPECT_EQ(child.wait().status, 0);
  EXPECT_EQ(step_of("r"), "200000");
}

// ---- disks ----

void limit_files_to(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_F(Train, AFullDiskLosesNothing) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "100"}).status, 0);
  const std::string before = read_file(checkpoint("r"));
  const Outcome outcome = train({"-o", folder_ / "r", "--resume", "--steps", "110"},
                                [] { limit_files_to(5000); });  // the log fits
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: " + checkpoint("r") + ": cannot be written: File too large\n");
  EXPECT_TRUE(read_file(checkpoint("r")) == before);
  EXPECT_FALSE(fs::exists(folder_ / "r/.model.safetensors.new"));
}

TEST_F(Train, AFullDiskStopsTheLogToo) {
  const Outcome outcome =
      train({"-o", folder_ / "r", "--steps", "100"}, [] { limit_files_to(200); });
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + log("r") + ": cannot be written: File too large\n");
}

TEST_F(Train, AFolderThatCannotBeMade) {
  write_file(folder_ / "file", "mine");
  Outcome outcome = train({"-o", folder_ / "file"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: " + (folder_ / "file") + ": cannot be made: Not a directory\n");
  EXPECT_EQ(read_file(folder_ / "file"), "mine");
  outcome = train({"-o", "/proc/nothing"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: /proc/nothing: cannot be made: No such file or directory\n");
}

TEST_F(Train, AFolderThatCannotBeWritten) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "100"}).status, 0);
  const std::string before = read_file(checkpoint("r"));
  // As another user, if this one is root and may do anything.
  const auto drop_rights = [] {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(99);
  };
  fs::permissions(folder_.path(), fs::perms(0755));
  fs::permissions(folder_ / "r", fs::perms(0555));
  const Outcome outcome = train({"-o", folder_ / "r", "--resume", "--steps", "200"}, drop_rights);
  fs::permissions(folder_ / "r", fs::perms(0755));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + log("r") + ": cannot be written: Permission denied\n");
  EXPECT_TRUE(read_file(checkpoint("r")) == before);
}

TEST_F(Train, ForeignFilesInTheFolderStay) {
  fs::create_directory(folder_ / "r");
  write_file(log("r"), "mine");
  write_file(folder_ / "r/notes.txt", "mine too");
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  EXPECT_EQ(read_file(log("r") + ".1"), "mine");
  EXPECT_EQ(read_file(folder_ / "r/notes.txt"), "mine too");
}

// ---- data files ----

TEST_F(Train, WrongDataFiles) {
  const auto complaint = [&](const std::string& bytes) {
    write_file(names_, bytes);
    const Outcome outcome = train({"-o", folder_ / "r"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_FALSE(fs::exists(folder_ / "r"));
    return outcome.err;
  };
  const std::string where = "fake: error: " + names_;
  EXPECT_EQ(complaint(""), where + ": the file is empty\n");
  EXPECT_EQ(complaint("anna\n"),
            where + ": 1 line, but fake needs at least 10 to train, tune and test on\n");
  EXPECT_EQ(complaint(std::string("an\0a\n", 5)),
            where + ": a text file is wanted, this one is binary: NUL at byte 2 (line 1)\n");
  EXPECT_EQ(complaint("anna\nbob\xE9\n"),
            where + ": not UTF-8 at byte 8 (line 2): 0xe9 cannot stand there\n");

  fs::remove(names_);
  EXPECT_EQ(train({"-o", folder_ / "r"}).err,
            where + ": cannot be read: No such file or directory\n");
  fs::create_directory(names_);
  EXPECT_EQ(train({"-o", folder_ / "r"}).err,
            where + ": a data file is wanted, this is a folder\n");
}

TEST_F(Train, ADeviceIsNoDataFile) {
  const Outcome outcome = run_program({&fake_.model()}, {"train", "-i", "/dev/zero"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: /dev/zero: a data file is wanted, this is a device\n");
}

TEST_F(Train, ThreadsThatCannotBeHad) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs more address space than is left here";
  const auto shrink = [] {
    const rlimit bytes{std::size_t{1} << 30, std::size_t{1} << 30};  // each stack takes some MiB
    setrlimit(RLIMIT_AS, &bytes);
  };
  const Outcome outcome = train({"-o", folder_ / "r", "--threads", "1024"}, shrink);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: cannot start 1024 threads: Resource temporarily unavailable\n");
  EXPECT_FALSE(fs::exists(folder_ / "r"));
}

TEST_F(Train, ALogOfAnotherShapeIsNotContinued) {
  ASSERT_EQ(train({"-o", folder_ / "r", "--steps", "100"}).status, 0);
  const std::string rows = timeless_log("r");
  write_file(log("r"), "step,loss\n1,2\n" + read_file(log("r")) + "3,4\n");
  ASSERT_EQ(train({"-o", folder_ / "r", "--resume", "--steps", "200"}).status, 0);
  EXPECT_EQ(timeless_log("r").substr(0, rows.size()), rows);
}

TEST_F(Train, UsesTheBuiltInNames) {
  const Outcome outcome = run_program({&fake_.model()}, {"train", "-o", folder_ / "r"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(SafetensorsFile(checkpoint("r")).metadata().at("data"), "");
  // And knows so when it goes on.
  EXPECT_EQ(
      run_program({&fake_.model()}, {"train", "-o", folder_ / "r", "--resume", "--steps", "210"})
          .status,
      0);
}

TEST_F(Train, TrainsOtherDataSets) {
  FakeModel moons = moons_model();
  EXPECT_EQ(run_program({&moons.model()}, {"train", "-o", folder_ / "m"}).status, 0);
  Outcome outcome = run_program({&moons.model()}, {"train", "-i", names_, "-o", folder_ / "n"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "fake: error: -i " + names_ +
                             ": fake_moons makes its own data\n"
                             "`fake train --help` says more\n");

  FakeModel csv = csv_model();
  outcome = run_program({&csv.model()}, {"train", "-o", folder_ / "c"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "fake: error: fake_csv needs data: -i FILE\n"
            "`fake train --help` says more\n");
  std::string rows = "x,y,label\n";
  for (int i = 0; i < 50; ++i) rows += std::to_string(i % 7) + "," + std::to_string(i) + ",1\n";
  write_file(folder_ / "rows.csv", rows);
  EXPECT_EQ(run_program({&csv.model()}, {"train", "-i", folder_ / "rows.csv", "-o", folder_ / "c"})
                .status,
            0);

  FakeModel text = text_model();
  std::string letters;
  for (int i = 0; i < 500; ++i) letters += static_cast<char>('a' + i * i % 16);
  write_file(folder_ / "text.txt", letters);
  EXPECT_EQ(run_program({&text.model()}, {"train", "-i", folder_ / "text.txt", "-o", folder_ / "t"})
                .status,
            0);
}

// A full batch stays in the inputs from step to step, and a dev loss overwrites it.
TEST_F(Train, LookingAtTheDevLossChangesNothing) {
  FakeModel csv = csv_model();
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    rows += std::to_string(i * 7 % 5) + "," + std::to_string(i % 3) + "," +
            std::to_string(i * i % 2) + "\n";
  }
  write_file(folder_ / "rows.csv", rows);  // 16 rows for training, as many as the batch
  for (const char* run : {"with", "without"}) {
    const Outcome outcome =
        run_program({&csv.model()}, {"train", "-i", folder_ / "rows.csv", "-o", folder_ / run});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    csv->evaluate = {};
  }
  EXPECT_EQ(losses("with"), losses("without"));
  EXPECT_TRUE(timeless_log("with") != timeless_log("without"));
  EXPECT_TRUE(tensors_of_run("with") == tensors_of_run("without"));
}

TEST_F(Train, AModelWithoutTrainingSaysSo) {
  FakeModel scalar = scalar_model();
  const Outcome outcome = run_program({&scalar.model()}, {"train", "-o", folder_ / "r"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: square (fake.cpp) minimises and updates nothing, so there is nothing to "
            "train\n");
}

TEST_F(Train, InputsWithoutADataSet) {
  fake_->dataset.kind = core::DatasetInfo::Kind::kNone;
  const Outcome outcome = run_program({&fake_.model()}, {"train", "-o", folder_ / "r"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: the model fake (fake.cpp) has inputs but names no data set "
            "to feed them\n");
}

TEST_F(Train, StepsAreTheModelsOrOnePassInFileOrder) {
  fake_->steps = 0;
  const Outcome outcome = train({"-o", folder_ / "r"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "fake: error: fake does not say how many steps it takes: --steps N\n"
            "`fake train --help` says more\n");
  fake_->dataset.order = core::DatasetInfo::Order::kSequential;
  fake_->dataset.split = false;
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  EXPECT_EQ(step_of("r"), "30");  // 238 examples, 8 a step
}

TEST_F(Train, AStepCounterOfTheModelMustAgree) {
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  std::string bytes = read_file(checkpoint("r"));
  const std::string said = "\"step\":\"200\"";
  bytes.replace(bytes.find(said), said.size(), "\"step\":\"201\"");
  write_file(checkpoint("r"), bytes);
  const Outcome outcome = train({"-o", folder_ / "r", "--resume", "--steps", "900"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + checkpoint("r") +
                             ": its metadata says step 201, its tensor \"step\" 200\n");
}

TEST_F(Train, ABatchThatTheModelHasNoRoomForMustBeChosenAnew) {
  ASSERT_EQ(train({"-o", folder_ / "r"}).status, 0);
  fake_->max_batch = 4;
  const Outcome outcome = train({"-o", folder_ / "r", "--resume", "--steps", "210"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + checkpoint("r") +
                             ": trained in batches of 8, but fake was generated for 1 to 4; "
                             "--batch N changes it\n");
  EXPECT_EQ(train({"-o", folder_ / "r", "--resume", "--steps", "210", "--batch", "4"}).status, 0);
}

TEST(LogInterval, IsARoundNumber) {
  EXPECT_EQ(log_interval(1), 1);
  EXPECT_EQ(log_interval(200), 1);
  EXPECT_EQ(log_interval(201), 2);
  EXPECT_EQ(log_interval(1000), 5);
  EXPECT_EQ(log_interval(200'000), 1000);
  EXPECT_EQ(log_interval(std::int64_t{1} << 53), 50'000'000'000'000);
}

}  // namespace
}  // namespace gradc::app::testing
