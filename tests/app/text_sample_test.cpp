// The command `sample` for models of text, and texts in tokens of a stored vocabulary.
#include <gradc/app/bpe_files.h>
#include <gradc/app/checkpoint.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <sstream>
#include <string>

#include "app/fake_model.h"
#include "app/harness.h"

namespace gradc::app::testing {
namespace {

using core::Role;
namespace fs = std::filesystem;

const std::string kReference = GRADC_REFERENCE_DIR;
constexpr int kWindow = 8;  // of gpt_model

// Characters: '\n' 0, 'a' 1, 'b' 2, 'c' 3, 'd' 4.
const std::string kLetters = "\nabcd";

// What gpt_model says after `text` if always the likeliest is taken: the sum of what it sees,
// 1 more for each token, modulo the number of characters.
std::string followed(std::string text, int tokens) {
  for (int i = 0; i < tokens; ++i) {
    const std::string seen = text.substr(text.size() - std::min<std::size_t>(text.size(), kWindow));
    std::size_t sum = 0;
    for (const char c : seen) sum += kLetters.find(c) + 1;
    text += kLetters[sum % kLetters.size()];
  }
  return text;
}

class TextRun : public ::testing::Test {
 protected:
  TextRun() {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "abcd\ndcba\nbbc\n";
    write_file(data_, text);
  }

  Outcome program(const Arguments& arguments) { return run_program({&fake_.model()}, arguments); }

  void train(Arguments more = {}) {
    more.insert(more.begin(), {"train", "-i", data_, "-o", run_, "--steps", "2"});
    const Outcome outcome = program(more);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }

  Outcome sample(Arguments more) {
    more.insert(more.begin(), {"sample", "-m", run_});
    return program(more);
  }

  FakeModel fake_ = gpt_model();
  TemporaryFolder folder_;
  std::string data_ = folder_ / "data.txt";
  std::string run_ = folder_ / "run";
};

TEST_F(TextRun, APromptIsFollowed) {
  train();
  const Outcome outcome = sample({"--prompt", "ab", "--tokens", "5", "--temperature", "0"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, followed("ab", 5) + "\n");
  EXPECT_EQ(outcome.out, "ab\nacb\n\n");  // 5, 6, 8, 12 and 15, each modulo 5
  // Without one, a text begins as after a line.
  EXPECT_EQ(sample({"--tokens", "3", "--temperature", "0"}).out, "acb\n");
}

TEST_F(TextRun, TheBlockSlides) {
  train();
  const Outcome outcome = sample({"--prompt", "abca", "--tokens", "30", "--temperature", "0"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, followed("abca", 30) + "\n");
  const Outcome long_prompt =
      sample({"--prompt", "abcdabcdab", "--tokens", "4", "--temperature", "0"});
  EXPECT_EQ(long_prompt.status, 0);
  EXPECT_EQ(long_prompt.out, followed("abcdabcdab", 4) + "\n");
  EXPECT_EQ(long_prompt.err, "note: --prompt: 10 tokens, of which fake_gpt sees the last 8\n");
}

TEST_F(TextRun, OrStopsWhereTheBlockIsFull) {
  train();
  const Outcome outcome =
      sample({"--prompt", "abca", "--tokens", "30", "--temperature", "0", "--no-slide"});
  EXPECT_EQ(outcome.status, 0);
  // The last one follows a full block.
  EXPECT_EQ(outcome.out, followed("abca", kWindow + 1 - 4) + "\n");
  EXPECT_EQ(outcome.err, "note: stopped where the block of 8 tokens is full\n");
  const Outcome just_fits =
      sample({"--prompt", "abca", "--tokens", "5", "--temperature", "0", "--no-slide"});
  EXPECT_EQ(just_fits.out, outcome.out);
  EXPECT_EQ(just_fits.err, "");
  const Outcome long_prompt = sample({"--prompt", "abcdabcda", "--no-slide"});
  EXPECT_EQ(long_prompt.status, 1);
  EXPECT_EQ(long_prompt.out, "");
  EXPECT_EQ(long_prompt.err,
            "fake: error: --prompt: 9 tokens, but fake_gpt was generated for a block of 8; without "
            "--no-slide it sees the last 8\n");
}

TEST_F(TextRun, SeedAndNumberDecide) {
  train();
  const Arguments hot{"--tokens", "20", "--temperature", "2"};
  const auto with = [&](Arguments more) {
    more.insert(more.end(), hot.begin(), hot.end());
    return sample(more).out;
  };
  EXPECT_EQ(with({}), with({}));
  EXPECT_EQ(with({}), with({"--threads", "2"}));
  EXPECT_NE(with({}), with({"--seed", "2"}));
  const std::string two = with({"-n", "2"});
  EXPECT_TRUE(two.starts_with(with({})));  // the first does not depend on the second
  EXPECT_GT(two.size(), with({}).size());
  EXPECT_EQ(with({"--top-k", "1"}), sample({"--tokens", "20", "--temperature", "0"}).out);
  EXPECT_EQ(with({"-n", "0"}), "");
}

TEST_F(TextRun, ACharacterThatTheRunDoesNotKnow) {
  train();
  const Outcome outcome = sample({"--prompt", "ab\nxa"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "fake: error: --prompt:2:1: 'x' is not among the 5 characters of " + run_ + "\n");
}

TEST_F(TextRun, APromptThatIsNoText) {
  train();
  const Outcome outcome = sample({"--prompt", "ab\xFF"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: --prompt: not UTF-8 at byte 2 (line 1): 0xff cannot stand there\n");
}

TEST_F(TextRun, OnlyTextHasAPrompt) {
  FakeModel lines = lines_model();
  for (const Arguments& option :
       {Arguments{"--prompt", "a"}, Arguments{"--tokens", "3"}, Arguments{"--no-slide"}}) {
    Arguments arguments{"sample", "-m", run_};
    arguments.insert(arguments.end(), option.begin(), option.end());
    const Outcome outcome = run_program({&lines.model()}, arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.err,
              "fake: error: --prompt, --tokens and --no-slide are for models of text; fake is "
              "none\n`fake sample --help` says more\n");
  }
}

TEST_F(TextRun, OnlyPairsAreSearchedFor) {
  train();
  for (const char* command : {"sample", "eval"}) {
    const Outcome outcome = program({command, "-m", run_, "--beam", "2"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.substr(0, outcome.err.find('\n')),
              "fake: error: --beam is for models that answer a source; fake_gpt is none");
  }
}

TEST_F(TextRun, ATextWithoutLogits) {
  fake_ = text_model();
  train();
  const Outcome outcome = sample({});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: fake_text (fake.cpp) has no text to sample: that takes an input "
            "\"tokens\" [batch, window] and an output \"logits\" [batch, window, vocabulary]\n");
}

// Each target counts once: the windows of an evaluation lie side by side.
TEST_F(TextRun, EvalCountsEachTargetOnce) {
  train();
  const Outcome outcome = program({"eval", "-m", run_});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  // 2,800 characters: 2,240, 280 and 280; as many whole windows of 8 with a target for the last.
  std::string counts;
  for (std::size_t at = 0; (at = outcome.out.find("examples ", at)) != std::string::npos; ++at) {
    counts += outcome.out.substr(at + 9, outcome.out.find('\n', at) - at - 9) + ";";
  }
  EXPECT_EQ(counts, "279;34;34;");
}

// 24 MB of text with 8 MB to work in.
TEST_F(TextRun, TheDataNeedNotFitIntoMemory) {
  if (GRADC_SANITIZED) GTEST_SKIP() << "sanitizers keep freed memory";
  constexpr rlim_t kSpare = 8 << 20;
  std::string text = read_file(data_);
  while (text.size() < (24 << 20)) text += text;
  write_file(data_, text);
  text = {};
  const Outcome outcome =
      run_program({&fake_.model()}, {"train", "-i", data_, "-o", run_, "--steps", "2"}, [&] {
        std::istringstream status(read_file("/proc/self/status"));
        rlim_t used = 0;  // VmData, in KiB
        for (std::string word; status >> word;) {
          if (word == "VmData:") status >> used;
        }
        const rlimit limit{used * 1024 + kSpare, used * 1024 + kSpare};
        ASSERT_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
      });
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

// ---- tokens of a stored vocabulary ----

class TokenRun : public TextRun {
 protected:
  TokenRun() {
    fs::create_directory(tokenizer_);
    for (const char* name : {"vocab.json", "merges.txt"}) {
      fs::copy_file(kReference + "/" + name, tokenizer_ + "/" + name);
    }
    std::string text;
    for (int i = 0; i < 60; ++i) text += "The quick brown fox: «Zwölf Boxkämpfer»\n日本 👍🏽\n";
    write_file(data_, text);
  }

  std::string tokenizer_ = folder_ / "tokenizer";
};

TEST_F(TokenRun, TrainsAndKeepsItsTokenizer) {
  train({"--tokenizer", tokenizer_});
  EXPECT_EQ(read_file(run_ + "/vocab.json"), read_file(kReference + "/vocab.json"));
  EXPECT_EQ(read_file(run_ + "/merges.txt"), read_file(kReference + "/merges.txt"));
  fs::remove_all(tokenizer_);
  const Outcome eval = program({"eval", "-m", run_});
  EXPECT_EQ(eval.status, 0) << eval.err;
  const Outcome resumed = program({"train", "-o", run_, "--resume", "--steps", "4"});
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  const Outcome outcome = sample({"--prompt", "日本 «", "--tokens", "6", "--temperature", "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("日本 «")) << outcome.out;
  EXPECT_EQ(outcome.out.back(), '\n');
}

TEST_F(TokenRun, SaysWhatItReads) {
  const Outcome outcome =
      program({"train", "-i", data_, "-o", run_, "--steps", "1", "--tokenizer", tokenizer_});
  const std::size_t line = outcome.out.find(data_);
  BpeFiles files = read_bpe_files(tokenizer_);
  Bpe bpe(parse_bpe_files(files));
  const std::size_t tokens = encode_whole(bpe, read_file(data_))->size();
  std::string count = std::to_string(tokens);
  count.insert(count.size() - 3, ",");
  EXPECT_EQ(outcome.out.substr(line, outcome.out.find('\n', line) - line),
            data_ + ": " + count + " tokens of 912");
}

// No file of tokens stays behind, whatever happens.
TEST_F(TokenRun, LeavesNoTokensBehind) {
  train({"--tokenizer", tokenizer_});
  write_file(folder_ / "bad.txt", "abc\xFF");
  EXPECT_EQ(program({"eval", "-m", run_, "-i", folder_ / "bad.txt"}).status, 1);
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
  }
}

TEST_F(TokenRun, ForceSetsTheTokenizerAside) {
  train({"--tokenizer", tokenizer_});
  const std::string before = read_file(run_ + "/vocab.json");
  fs::copy_file(kReference + "/tokenizer.json", tokenizer_ + "/tokenizer.json");
  train({"--tokenizer", tokenizer_, "--force"});
  EXPECT_EQ(read_file(run_ + "/vocab.json.1"), before);
  EXPECT_FALSE(fs::exists(run_ + "/vocab.json"));
  EXPECT_EQ(read_file(run_ + "/tokenizer.json"), read_file(kReference + "/tokenizer.json"));
}

TEST_F(TokenRun, AnotherTokenizerIsRefused) {
  train({"--tokenizer", tokenizer_});
  std::string merges = read_file(run_ + "/merges.txt");
  merges.resize(merges.rfind('\n', merges.size() - 2) + 1);
  write_file(run_ + "/merges.txt", merges);
  const Outcome outcome = program({"eval", "-m", run_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + run_ + ": not the tokenizer that " + run_ +
                             "/model.safetensors was trained with\n");
  EXPECT_EQ(program({"eval", "-m", run_, "--tokenizer", tokenizer_}).status, 0);
}

TEST_F(TokenRun, MoreTokensThanTheModelHasRoomFor) {
  for (const char* name : {"tokens", "target"}) fake_.tensor(Role::kInput, name).classes = 97;
  const Outcome outcome = program({"train", "-i", data_, "-o", run_, "--tokenizer", tokenizer_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + tokenizer_ +
                             ": 912 tokens, but fake_gpt was generated for 97; generate it again "
                             "with -DVOCAB=912\n");
  EXPECT_FALSE(fs::exists(run_));
}

TEST_F(TokenRun, ACharacterThatTheTokenizerDoesNotKnow) {
  write_file(tokenizer_ + "/vocab.json", R"({"T":0,"h":1,"e":2,"Ġ":3,"Ċ":4})");
  write_file(tokenizer_ + "/merges.txt", "#version: 0.2\n");
  write_file(data_, "The\nThe é");
  const Outcome outcome = program({"train", "-i", data_, "-o", run_, "--tokenizer", tokenizer_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + data_ + ":2:5: 'é' is not among the 5 tokens of " +
                             tokenizer_ + "\n");
}

TEST_F(TokenRun, TokenizersAreForText) {
  FakeModel lines = lines_model();
  const Outcome outcome =
      run_program({&lines.model()}, {"train", "-o", run_, "--tokenizer", tokenizer_});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "fake: error: --tokenizer " + tokenizer_ +
                             ": fake reads no text\n`fake train --help` says more\n");
}

}  // namespace
}  // namespace gradc::app::testing
