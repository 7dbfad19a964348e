// The commands `eval` and `sample`, and checkpoints that do not fit.
#include <gradc/app/checkpoint.h>
#include <gradc/app/errors.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "app/fake_model.h"
#include "app/harness.h"

namespace gradc::app::testing {
namespace {

using core::Role;

class Run : public ::testing::Test {
 protected:
  Run() {
    write_file(names_, small_names());
    EXPECT_EQ(program({"train", "-i", names_, "-o", run_, "--steps", "600"}).status, 0);
  }

  Outcome program(const Arguments& arguments) { return run_program({&fake_.model()}, arguments); }

  std::vector<std::string> sample(Arguments more) {
    more.insert(more.begin(), {"sample", "-m", run_});
    const Outcome outcome = program(more);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    std::istringstream in(outcome.out);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  std::string checkpoint() { return run_ + "/model.safetensors"; }

  // A NaN among the parameters.
  void spoil() {
    std::string bytes = read_file(checkpoint());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(bytes.data() + bytes.size() - 4 * 27 - 4 - 4 * 27, &nan, 4);  // bias[0]
    write_file(checkpoint(), bytes);
  }

  FakeModel fake_ = lines_model();
  TemporaryFolder folder_;
  std::string names_ = folder_ / "names.txt";
  std::string run_ = folder_ / "run";
};

// ---- eval ----

TEST_F(Run, EvalPrintsALineASplit) {
  const Outcome outcome = program({"eval", "-m", run_, "-i", names_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  std::istringstream in(outcome.out);
  std::string split, word, name, examples;
  double loss, accuracy;
  int count, total = 0;
  double losses[3];
  for (int part = 0; part < 3; ++part) {
    in >> split >> word >> loss >> name >> accuracy >> examples >> count;
    EXPECT_EQ(split, (std::vector<std::string>{"train", "dev", "test"})[part]);
    EXPECT_EQ(word, "loss");
    EXPECT_EQ(name, "accuracy");
    EXPECT_EQ(examples, "examples");
    losses[part] = loss;
    total += count;
  }
  EXPECT_FALSE(in >> word);
  EXPECT_EQ(total, 238);
  EXPECT_LT(losses[0], losses[1]);  // 40 names are learnt by heart
  // Without -i, the data of the run.
  EXPECT_EQ(program({"eval", "-m", run_}).out, outcome.out);
}

// The average must weigh the short last batch by its size: against one batch that holds all.
TEST_F(Run, EvalWeighsBatchesBySize) {
  fake_->dataset.split = false;
  write_file(names_, "ab\nb\n");  // 5 examples
  const std::string run = folder_ / "small";
  ASSERT_EQ(program({"train", "-i", names_, "-o", run, "--steps", "20"}).status, 0);
  const Outcome whole = program({"eval", "-m", run});
  fake_->max_batch = 2;  // 2, 2 and 1
  const Outcome parts = program({"eval", "-m", run});
  EXPECT_EQ(whole.status, 0);
  EXPECT_EQ(parts.out, whole.out);
}

TEST_F(Run, EvalOnOtherDataSaysSo) {
  write_file(folder_ / "other.txt", small_names() + "anna\n");
  const Outcome outcome = program({"eval", "-m", run_, "-i", folder_ / "other.txt"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "note: " + (folder_ / "other.txt") + " is not the data that " + run_ +
                             " was trained on; the splits are its own\n");
}

TEST_F(Run, EvalNamesACharacterThatTheRunDoesNotKnow) {
  write_file(folder_ / "other.txt", small_names() + "zoë\n");
  const Outcome outcome = program({"eval", "-m", run_, "-i", folder_ / "other.txt"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + (folder_ / "other.txt") +
                             ":41:3: 'ë' is not among the 27 characters of " + run_ + "\n");
}

TEST_F(Run, EvalOfAModelThatIsNotFiniteFails) {
  spoil();
  const Outcome outcome = program({"eval", "-m", run_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out.substr(0, outcome.out.find("  accuracy")), "train  loss nan");
  EXPECT_EQ(outcome.err, "fake: error: " + run_ + ": its loss on train is not finite\n");
}

TEST_F(Run, EvalNeedsARun) {
  const Outcome outcome = program({"eval", "-m", folder_ / "no"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + (folder_ / "no/model.safetensors") +
                             ": there is no trained model; `train -o " + (folder_ / "no") +
                             "` makes one\n");
}

// ---- sample ----

TEST_F(Run, SampleDependsOnSeedAndPlaceAlone) {
  const auto twenty = sample({});
  EXPECT_EQ(twenty.size(), 20u);
  EXPECT_EQ(sample({}), twenty);
  EXPECT_NE(sample({"--seed", "2"}), twenty);
  // Item i is the same however many are made: 8 fit into a batch.
  const auto three = sample({"-n", "3"});
  EXPECT_TRUE(std::ranges::equal(three, std::span(twenty).first(3)));
  EXPECT_EQ(sample({"-n", "0"}).size(), 0u);
  EXPECT_EQ(sample({"--threads", "2"}), twenty);
  EXPECT_GT(std::set(twenty.begin(), twenty.end()).size(), 10u);
}

TEST_F(Run, TemperatureAndTopKNarrowTheChoice) {
  const auto greedy = sample({"--temperature", "0"});
  EXPECT_EQ(std::set(greedy.begin(), greedy.end()).size(), 1u);
  EXPECT_EQ(sample({"--top-k", "1", "--temperature", "3"}), greedy);
  EXPECT_EQ(sample({"--temperature", "1e-6"}), greedy);
  EXPECT_EQ(sample({"--top-k", "27"}), sample({}));
  EXPECT_NE(sample({"--temperature", "3"}), sample({}));
  // Hot draws leave the words of the list, cold ones hardly.
  const auto distinct_letters = [](const std::vector<std::string>& items) {
    std::set<char> letters;
    for (const std::string& item : items) letters.insert(item.begin(), item.end());
    return letters.size();
  };
  EXPECT_LT(distinct_letters(sample({"--top-k", "2"})),
            distinct_letters(sample({"--temperature", "3"})));
}

// With all contexts alike, the first letters must come as often as the model says.
TEST_F(Run, SampleDrawsFromTheDistribution) {
  const auto items = sample({"-n", "4000"});
  std::map<std::string, double> share;
  for (const std::string& item : items) share[item.substr(0, 1)] += 1.0 / 4000;
  // exp(logit) by hand, from the checkpoint.
  const SafetensorsFile file(checkpoint());
  std::vector<float> first(27 * 27), second(27 * 27), bias(27);
  file.read(*file.find("first"), std::as_writable_bytes(std::span(first)));
  file.read(*file.find("second"), std::as_writable_bytes(std::span(second)));
  file.read(*file.find("bias"), std::as_writable_bytes(std::span(bias)));
  double sum = 0;
  std::vector<double> weight;
  for (std::size_t v = 0; v < 27; ++v) {
    weight.push_back(std::exp(double{bias[v]} + double{first[v]} + double{second[v]}));
    sum += weight.back();
  }
  for (std::size_t v = 0; v < 27; ++v) {
    const std::string letter = v == 0 ? "" : std::string(1, static_cast<char>('a' + v - 1));
    EXPECT_NEAR(share[letter], weight[v] / sum, 0.03) << letter;
  }
}

TEST_F(Run, SampleNeedsLogits) {
  FakeModel moons = moons_model();
  ASSERT_EQ(run_program({&moons.model()}, {"train", "-o", folder_ / "m"}).status, 0);
  const Outcome outcome = run_program({&moons.model()}, {"sample", "-m", folder_ / "m"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: fake_moons (fake.cpp) has nothing to sample: that takes the data set "
            "lines, an input \"context\" and an output \"logits\" [batch, vocabulary]\n");
}

TEST_F(Run, SampleRefusesLogitsThatAreNotFinite) {
  spoil();
  const Outcome outcome = program({"sample", "-m", run_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: the model's logits are not finite, so nothing can be drawn from them\n");
}

TEST_F(Run, SampleRefusesWrongOptions) {
  const auto complaint = [&](const char* option, const char* value) {
    const Outcome outcome = program({"sample", "-m", run_, option, value});
    EXPECT_EQ(outcome.status, 2);
    return outcome.err.substr(0, outcome.err.find('\n'));
  };
  EXPECT_EQ(complaint("--temperature", "-1"), "fake: error: --temperature: -1 is less than 0");
  EXPECT_EQ(complaint("--temperature", "nan"),
            "fake: error: --temperature: nan is no finite number");
  EXPECT_EQ(complaint("--top-k", "0"), "fake: error: --top-k: 0 is less than 1");
  EXPECT_EQ(complaint("-n", "-1"), "fake: error: --count: -1 is less than 0");
}

// ---- checkpoints that do not fit ----

TEST_F(Run, ACheckpointOfAnotherModel) {
  FakeModel other = lines_model();
  other->name = "other";
  for (const char* command : {"eval", "sample"}) {
    const Outcome outcome = run_program({&other.model()}, {command, "-m", run_});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err,
              "fake: error: " + checkpoint() + ": holds the model \"fake\", not \"other\"\n");
  }
  const std::string before = read_file(checkpoint());
  const Outcome outcome =
      run_program({&other.model()}, {"train", "-o", run_, "--resume", "--steps", "900"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: " + checkpoint() + ": holds the model \"fake\", not \"other\"\n");
  EXPECT_TRUE(read_file(checkpoint()) == before);
}

// Tensors of the same shapes, of which a model with other heads would make something else.
TEST_F(Run, ACheckpointOfOtherNumbers) {
  static constexpr core::ConfigInfo kTrained[] = {
      {.key = "n_head", .value = 2, .option = "HEADS", .source = "fake.cpp:4"}};
  static constexpr core::ConfigInfo kOther[] = {
      {.key = "n_head", .value = 4, .option = "HEADS", .source = "fake.cpp:4"},
      {.key = "n_layer", .value = 1, .option = "LAYERS", .source = "fake.cpp:3"}};
  fake_->config = kOther;
  EXPECT_EQ(program({"eval", "-m", run_}).status, 0);  // which tells nothing of heads

  fake_->config = kTrained;
  ASSERT_EQ(program({"train", "-o", run_, "--resume", "--steps", "700"}).status, 0);
  EXPECT_EQ(program({"eval", "-m", run_}).status, 0);
  const std::string before = read_file(checkpoint());
  fake_->config = kOther;
  const std::string place = "fake: error: " + checkpoint() + ": \"config\" in its metadata";
  const std::string complaint = place +
                                ": does not fit the model fake:\n  \"n_head\" is 2, not 4; "
                                "generate it again with -DHEADS=2\n";
  for (const Arguments& arguments :
       {Arguments{"eval", "-m", run_}, Arguments{"sample", "-m", run_},
        Arguments{"export", "-m", run_, "-o", folder_ / "weights"},
        Arguments{"train", "-o", run_, "--resume", "--steps", "900"}}) {
    const Outcome outcome = program(arguments);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, complaint);
  }
  EXPECT_TRUE(read_file(checkpoint()) == before);

  std::string bytes = before;
  const std::size_t at = bytes.find(R"({\"n_head\":2})");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = '[';
  write_file(checkpoint(), bytes);
  EXPECT_EQ(program({"eval", "-m", run_}).err, place + ": not JSON at byte 10\n");
}

TEST_F(Run, EveryTensorThatDoesNotFitIsListed) {
  fake_.tensor(Role::kParameter, "first").shape[0] = 26;
  fake_.tensor(Role::kParameter, "bias").name = "shift";
  fake_.tensor(Role::kState, "velocity").element = core::Element::kI32;
  const Outcome outcome = program({"eval", "-m", run_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + checkpoint() +
                             ": does not fit the model fake:\n"
                             "  \"first\" is F32 [27, 27], not F32 [26, 27]\n"
                             "  \"shift\" is missing: F32 [27]\n"
                             "  \"velocity\" is F32 [27], not I32 [27]\n"
                             "  \"bias\" is not in the model: F32 [27]\n");
}

TEST_F(Run, AVocabularyLargerThanTheModel) {
  fake_.tensor(Role::kInput, "context").classes = 26;
  const Outcome outcome = program({"eval", "-m", run_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: " + checkpoint() + ": 27 characters, but fake was generated for 26\n");
}

TEST_F(Run, FactsThatAreMissingOrWrong) {
  const std::string whole = read_file(checkpoint());
  const auto complaint = [&](const std::string& from, const std::string& to) {
    EXPECT_EQ(from.size(), to.size());
    std::string bytes = whole;
    bytes.replace(bytes.find(from), from.size(), to);
    write_file(checkpoint(), bytes);
    const Outcome outcome = program({"eval", "-m", run_});
    EXPECT_EQ(outcome.status, 1);
    return outcome.err;
  };
  const std::string where = "fake: error: " + checkpoint() + ": ";
  EXPECT_EQ(complaint("\"model\"", "\"modem\""), where + "its metadata has no \"model\"\n");
  EXPECT_EQ(complaint("\"batch\"", "\"catch\""), where + "its metadata has no \"batch\"\n");
  EXPECT_EQ(complaint("\"vocabulary\"", "\"vocabularx\""),
            where + "its metadata has no \"vocabulary\"\n");
  EXPECT_EQ(complaint(".abcdef", ".bacdef"),
            where + "\"vocabulary\" does not list characters in order\n");
  EXPECT_EQ(complaint("\"steps\":\"600\"", "\"steps\":\"6oo\""),
            where + "\"steps\" in its metadata is no number\n");
  EXPECT_EQ(complaint("\"steps\":\"600\"", "\"steps\":\"-60\""), where + "\"steps\" is negative\n");
  EXPECT_EQ(complaint("gradc run 1", "gradc run 2"),
            where +
                "not written by this version: its format is \"gradc run 2\", not \"gradc run "
                "1\"\n");
}

TEST_F(Run, EveryTruncationIsRefused) {
  const std::string whole = read_file(checkpoint());
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    write_file(checkpoint(), whole.substr(0, size));
    EXPECT_THROW(SafetensorsFile{checkpoint()}, DataError) << size;
  }
}

// Any one byte of the header changed: refused, or still a file that can be asked.
TEST_F(Run, NoByteOfTheHeaderCanCrash) {
  const std::string whole = read_file(checkpoint());
  const std::size_t header =
      8 + static_cast<unsigned char>(whole[0]) + 256u * static_cast<unsigned char>(whole[1]);
  for (std::size_t i = 0; i < header; ++i) {
    for (const char byte : {'\0', '"', '9', '{', '\xFF'}) {
      std::string bytes = whole;
      bytes[i] = byte;
      write_file(checkpoint(), bytes);
      try {
        const SafetensorsFile file(checkpoint());
        Instance instance(fake_.model(), Instance::Purpose::kRun);
        read_facts(file);
        load_tensors(file, instance);
      } catch (const DataError&) {
      }
    }
  }
}

}  // namespace
}  // namespace gradc::app::testing
