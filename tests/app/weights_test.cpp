// Weights as PyTorch keeps them: read, refused, exported; and 16-bit floats.
#include <gradc/app/checkpoint.h>
#include <gradc/app/errors.h>
#include <gradc/app/half.h>
#include <gradc/app/weights.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/fake_model.h"
#include "app/harness.h"

namespace gradc::app::testing {
namespace {

using core::Role;
namespace fs = std::filesystem;

const std::string kReference = GRADC_REFERENCE_DIR;

// ---- 16-bit floats ----

// The value of a binary16 by its definition.
double f16_by_hand(int bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Half, EveryF16IsRead) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const float value = from_f16(static_cast<std::uint16_t>(bits));
    const double expected = f16_by_hand(bits);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      EXPECT_TRUE(std::isnan(from_f16(to_f16(value)))) << bits;
    } else {
      EXPECT_EQ(value, expected) << bits;
      EXPECT_EQ(std::signbit(value), std::signbit(expected)) << bits;
      EXPECT_EQ(to_f16(value), bits);
    }
  }
}

// Between two neighbours lies a middle, which goes to the even one.
TEST(Half, F16RoundsToNearestEven) {
  for (int bits = 0; bits < 0x7BFF; ++bits) {
    const auto low = static_cast<float>(f16_by_hand(bits));
    const auto high = static_cast<float>(f16_by_hand(bits + 1));
    const float middle = (low + high) / 2;
    EXPECT_EQ(to_f16(middle), bits + bits % 2) << bits;
    EXPECT_EQ(to_f16(std::nextafter(middle, low)), bits) << bits;
    EXPECT_EQ(to_f16(std::nextafter(middle, high)), bits + 1) << bits;
    EXPECT_EQ(to_f16(-std::nextafter(middle, high)), 0x8000 + bits + 1) << bits;
  }
  EXPECT_EQ(to_f16(65519.996F), 0x7BFF);
  EXPECT_EQ(to_f16(65520), 0x7C00);
  EXPECT_EQ(to_f16(1e30F), 0x7C00);
  EXPECT_EQ(to_f16(-1e30F), 0xFC00);
  EXPECT_EQ(to_f16(1e-30F), 0);
}

TEST(Half, Bf16IsTheUpperHalf) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = from_bf16(static_cast<std::uint16_t>(bits));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value), bits << 16);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(from_bf16(to_bf16(value)))) << bits;
      continue;
    }
    EXPECT_EQ(to_bf16(value), bits);
    if (std::isinf(value)) continue;
    const auto near = [&](std::uint32_t rest) {
      return to_bf16(std::bit_cast<float>(bits << 16 | rest));
    };
    EXPECT_EQ(near(0x7FFF), bits);
    EXPECT_EQ(near(0x8000), bits + bits % 2);
    EXPECT_EQ(near(0x8001), bits + 1);
  }
  const float hidden_nan = std::bit_cast<float>(0x7F800001u);  // its upper half is infinity
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(hidden_nan))));
}

// ---- files ----

struct Stored {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;
};
using Tensors = std::map<std::string, Stored>;

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

Stored in_type(const std::string& dtype, std::vector<std::int64_t> shape,
               const std::vector<float>& values) {
  std::vector<std::uint16_t> halves;
  std::vector<double> doubles(values.begin(), values.end());
  for (const float value : values) {
    halves.push_back(dtype == "F16" ? to_f16(value) : to_bf16(value));
  }
  return {dtype, std::move(shape),
          dtype == "F32"   ? bytes_of(values)
          : dtype == "F64" ? bytes_of(doubles)
                           : bytes_of(halves)};
}

// Small whole numbers and halves, which every type holds exactly.
std::vector<float> some_values(std::size_t count, int first) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>((static_cast<int>(i) * 7 + first) % 40) / 2;
  }
  return values;
}

// Everything that gpt_model has; `prefix` before each name.
Tensors gpt_tensors(const std::string& dtype = "F32", const std::string& prefix = "") {
  return {{prefix + "wte.weight", in_type(dtype, {1024, 2}, some_values(2048, 1))},
          {prefix + "h.0.attn.c_attn.weight", in_type(dtype, {2, 6}, some_values(12, 2))},
          {prefix + "h.0.attn.c_attn.bias", in_type(dtype, {6}, some_values(6, 10))},
          {prefix + "ln_f.weight", in_type(dtype, {2}, some_values(2, 4))}};
}

void write_tensors(const std::string& path, const Tensors& tensors,
                   const Metadata& metadata = {{"format", "pt"}}) {
  std::vector<TensorToStore> stored;
  for (const auto& [name, tensor] : tensors) {
    stored.push_back(
        {name, tensor.dtype, tensor.shape, tensor.bytes.size(),
         [&tensor](std::byte* to) { std::memcpy(to, tensor.bytes.data(), tensor.bytes.size()); }});
  }
  write_safetensors(path, metadata, stored);
}

class WeightsTest : public ::testing::Test {
 protected:
  std::string complaint(const std::string& path) {
    try {
      const Weights weights(path, fake_.model());
      Instance instance(fake_.model(), Instance::Purpose::kRun);
      const std::vector<std::byte> before(instance.arena(), instance.arena() + fake_->arena_bytes);
      try {
        weights.load(instance);
      } catch (const DataError&) {
        EXPECT_TRUE(std::equal(before.begin(), before.end(), instance.arena()));
        throw;
      }
      return "accepted";
    } catch (const DataError& error) {
      return error.what();
    }
  }

  std::string complaint_about(const Tensors& tensors) {
    write_tensors(file_, tensors);
    return complaint(file_);
  }

  // What a model holds after `path` was loaded.
  std::map<std::string, std::vector<double>> loaded(const std::string& path) {
    Instance instance(fake_.model(), Instance::Purpose::kRun);
    Weights(path, fake_.model()).load(instance);
    std::map<std::string, std::vector<double>> values;
    for (const auto* tensor : tensors_of(fake_.model(), Role::kParameter)) {
      values[tensor->name] = values_of(instance.arena(), *tensor);
    }
    return values;
  }

  void expect_some_values(const std::string& path) {
    const auto values = loaded(path);
    const auto doubles = [](const std::vector<float>& v) {
      return std::vector<double>(v.begin(), v.end());
    };
    EXPECT_EQ(values.at("wte/weight"), doubles(some_values(2048, 1)));
    EXPECT_EQ(values.at("h/0/attn/c_attn/weight"), doubles(some_values(12, 2)));
    EXPECT_EQ(values.at("h/0/attn/c_attn/bias"), doubles(some_values(6, 10)));
    EXPECT_EQ(values.at("ln_f/weight"), doubles(some_values(2, 4)));
  }

  // Two files and an index, as for a model that is too large for one.
  void write_shards() {
    Tensors first = gpt_tensors();
    Tensors second;
    for (const char* name : {"ln_f.weight", "wte.weight"}) {
      second.insert(first.extract(name));
    }
    write_tensors(folder_ / "model-00001-of-00002.safetensors", first);
    write_tensors(folder_ / "model-00002-of-00002.safetensors", second);
    nlohmann::json map;
    for (const auto& [name, tensor] : first) map[name] = "model-00001-of-00002.safetensors";
    for (const auto& [name, tensor] : second) map[name] = "model-00002-of-00002.safetensors";
    write_index(map);
  }

  void write_index(const nlohmann::json& map) {
    write_file(index_,
               nlohmann::json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}}.dump());
  }

  FakeModel fake_ = gpt_model();
  TemporaryFolder folder_;
  std::string file_ = folder_ / "model.safetensors";
  std::string index_ = folder_ / "model.safetensors.index.json";
};

TEST_F(WeightsTest, AreReadInEveryType) {
  for (const char* dtype : {"F32", "F16", "BF16"}) {
    write_tensors(file_, gpt_tensors(dtype));
    expect_some_values(file_);
    expect_some_values(folder_.path());
  }
}

TEST_F(WeightsTest, MayHaveAPrefixBuffersAndATiedHead) {
  for (const char* prefix : {"", "transformer.", "model."}) {
    Tensors tensors = gpt_tensors("F32", prefix);
    tensors[std::string(prefix) + "h.0.attn.bias"] = {"BOOL", {1, 1, 2, 2}, "1011"};
    tensors[std::string(prefix) + "h.0.attn.masked_bias"] = in_type("F32", {}, {-10000});
    tensors["lm_head.weight"] = tensors[std::string(prefix) + "wte.weight"];
    write_tensors(file_, tensors);
    expect_some_values(file_);
  }
}

TEST_F(WeightsTest, AHeadOfItsOwnIsRefused) {
  Tensors tensors = gpt_tensors();
  tensors["lm_head.weight"] = tensors["wte.weight"];
  tensors["lm_head.weight"].bytes[100] ^= 1;
  EXPECT_EQ(complaint_about(tensors), file_ +
                                          ": \"lm_head.weight\" differs from \"wte.weight\", but "
                                          "the model has one for both");
}

TEST_F(WeightsTest, EverythingThatDoesNotFitIsListed) {
  Tensors tensors = gpt_tensors("F16");
  tensors.erase("ln_f.weight");
  tensors["h.0.attn.c_attn.weight"] = in_type("F16", {6, 2}, some_values(12, 1));
  tensors["h.0.attn.c_attn.bias"] = {"I64", {6}, std::string(48, '\0')};
  tensors["h.1.attn.c_attn.bias"] = in_type("BF16", {6}, some_values(6, 1));
  tensors["h.0.attn.bias"] = in_type("F32", {2}, {1, 2});  // no mask has this shape
  EXPECT_EQ(complaint_about(tensors),
            file_ +
                ": does not fit the model fake_gpt:\n"
                "  \"h.0.attn.c_attn.weight\" is F16 [6, 2], not F16 [2, 6]\n"
                "  \"h.0.attn.c_attn.bias\" is I64 [6], not F32 [6]\n"
                "  \"ln_f.weight\" is missing: F32 [2]\n"
                "  \"h.0.attn.bias\" is not in the model: F32 [2]\n"
                "  \"h.1.attn.c_attn.bias\" is not in the model: BF16 [6]");
}

TEST_F(WeightsTest, DoublesAreForDoubles) {
  EXPECT_EQ(complaint_about(gpt_tensors("F64")),
            file_ +
                ": does not fit the model fake_gpt:\n"
                "  \"wte.weight\" is F64 [1024, 2], not F32 [1024, 2]\n"
                "  \"h.0.attn.c_attn.weight\" is F64 [2, 6], not F32 [2, 6]\n"
                "  \"h.0.attn.c_attn.bias\" is F64 [6], not F32 [6]\n"
                "  \"ln_f.weight\" is F64 [2], not F32 [2]");
}

TEST_F(WeightsTest, AreReadFromShards) {
  write_shards();
  expect_some_values(folder_.path());
  expect_some_values(index_);
}

TEST_F(WeightsTest, AShardThatIsCutShortOrMissing) {
  write_shards();
  const std::string shard = folder_ / "model-00002-of-00002.safetensors";
  std::string bytes = read_file(shard);
  bytes.resize(bytes.size() - 5);
  write_file(shard, bytes);
  EXPECT_EQ(complaint(folder_.path()),
            shard + ": cut short: the tensors take 8200 bytes, the file has 8195 for them");
  fs::remove(shard);
  EXPECT_EQ(complaint(folder_.path()), shard + ": cannot be read: No such file or directory");
}

TEST_F(WeightsTest, AnIndexThatLies) {
  write_shards();
  const nlohmann::json good = nlohmann::json::parse(read_file(index_))["weight_map"];
  const auto complain = [&](const char* name, const nlohmann::json& file) {
    nlohmann::json map = good;
    if (file.is_null()) {
      map.erase(name);
    } else {
      map[name] = file;
    }
    write_index(map);
    return complaint(folder_.path());
  };
  EXPECT_EQ(complain("ln_f.weight", "model-00001-of-00002.safetensors"),
            index_ + ": \"ln_f.weight\" is not in model-00001-of-00002.safetensors");
  EXPECT_EQ(complain("extra", "model-00001-of-00002.safetensors"),
            index_ + ": \"extra\" is not in model-00001-of-00002.safetensors");
  EXPECT_EQ(complain("ln_f.weight", nullptr), index_ + ": \"ln_f.weight\" of " +
                                                  (folder_ / "model-00002-of-00002.safetensors") +
                                                  " is not in it");
  for (const nlohmann::json& beyond :
       {nlohmann::json("../x.safetensors"), nlohmann::json("/etc/x.safetensors"),
        nlohmann::json("passwd"), nlohmann::json(""), nlohmann::json(3)}) {
    EXPECT_EQ(complain("ln_f.weight", beyond), index_ + ": \"ln_f.weight\" is in " + beyond.dump() +
                                                   ", not in a .safetensors file beside it");
  }
  for (const char* bad : {"[]", "{}", "{\"weight_map\":[]}", "{\"weight_map\":{}}"}) {
    write_file(index_, bad);
    EXPECT_EQ(complaint(folder_.path()),
              index_ + ": it has no \"weight_map\" of tensors and files");
  }
  write_file(index_, "{\"weight_map\":");
  EXPECT_EQ(complaint(folder_.path()), index_ + ": not JSON at byte 15");
}

TEST_F(WeightsTest, AFolderWithoutAny) {
  EXPECT_EQ(complaint(folder_.path()), folder_.path() +
                                           ": no weights: neither model.safetensors nor "
                                           "model.safetensors.index.json");
}

// ---- config.json beside them ----

constexpr core::ConfigInfo kConfig[] = {
    {.key = "n_layer", .value = 1, .option = "LAYERS", .source = "gpt.cpp:3"},
    {.key = "n_head", .value = 2, .option = "HEADS", .source = "gpt.cpp:4"},
    {.key = "pad", .value = -1, .option = "", .source = "gpt.cpp:5"}};

class WeightsConfig : public WeightsTest {
 protected:
  WeightsConfig() {
    fake_->config = kConfig;
    write_tensors(file_, gpt_tensors());
  }

  std::string complaint_about_config(const std::string& text) {
    write_file(config_, text);
    const std::string said = complaint(folder_.path());
    EXPECT_EQ(complaint(file_), said);
    return said;
  }

  std::string misfit(const std::string& lines) {
    return config_ + ": does not fit the model fake_gpt:\n" + lines;
  }

  std::string config_ = folder_ / "config.json";
};

TEST_F(WeightsConfig, ThatAgreesOrTellsNothing) {
  EXPECT_EQ(complaint(folder_.path()), "accepted");  // there is none
  for (const char* text : {R"({"n_layer": 1, "n_head": 2, "pad": -1, "more": "n_head"})", "{}",
                           R"({"n_head": null})", R"({"text_config": {"n_head": 3}})"}) {
    EXPECT_EQ(complaint_about_config(text), "accepted") << text;
  }
}

TEST_F(WeightsConfig, EveryDisagreementIsListed) {
  EXPECT_EQ(complaint_about_config(R"({"pad": 50256, "n_head": 4, "n_layer": 24})"),
            misfit("  \"n_layer\" is 24, not 1; generate it again with -DLAYERS=24\n"
                   "  \"n_head\" is 4, not 2; generate it again with -DHEADS=4\n"
                   "  \"pad\" is 50256, not -1; declare \"pad\" (gpt.cpp:5) as 50256"));
  EXPECT_EQ(complaint_about_config(R"({"pad": -1, "n_head": 3, "n_layer": 1})"),
            misfit("  \"n_head\" is 3, not 2; generate it again with -DHEADS=3"));
}

TEST_F(WeightsConfig, WhatIsNoNumberOfAModel) {
  for (const auto& [value, said] : std::vector<std::pair<std::string, std::string>>{
           {"\"2\"", "a string, not a whole number"},
           {"2.0", "2.0, not a whole number"},
           {"true", "true, not a whole number"},
           {"[2]", "an array, not a whole number"},
           {"{\"n_head\": 2}", "an object, not a whole number"},
           {"0", "0, not 2"},
           {"-2", "-2, not 2"},
           {"18446744073709551615", "18446744073709551615, not 2"}}) {
    EXPECT_EQ(complaint_about_config("{\"n_head\": " + value + "}"),
              misfit("  \"n_head\" is " + said));
  }
  // All of its bits are those of -1.
  EXPECT_EQ(complaint_about_config("{\"pad\": 18446744073709551615}"),
            misfit("  \"pad\" is 18446744073709551615, not -1"));
}

TEST_F(WeightsConfig, AFileThatIsBroken) {
  EXPECT_EQ(complaint_about_config("{\"n_head\": 2"), config_ + ": not JSON at byte 13");
  EXPECT_EQ(complaint_about_config("[2]"), config_ + ": it is no object of names and values");
  EXPECT_EQ(complaint_about_config(""), config_ + ": the file is empty");
  // A model that declares nothing of it does not read it.
  fake_->config = {};
  EXPECT_EQ(complaint_about_config("{\"n_head\": 3"), "accepted");
}

TEST_F(WeightsConfig, IsAskedBeforeTheTensors) {
  write_tensors(file_, {});
  EXPECT_EQ(complaint_about_config(R"({"n_head": 4})"),
            misfit("  \"n_head\" is 4, not 2; generate it again with -DHEADS=4"));
}

// ---- the program ----

class WeightsRun : public WeightsTest {
 protected:
  WeightsRun() {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "The quick brown fox: «Zwölf Boxkämpfer»\n日本 👍🏽\n";
    write_file(data_, text);
    for (const char* name : {"vocab.json", "merges.txt"}) {
      fs::copy_file(kReference + "/" + name, folder_ / name);
    }
    write_tensors(file_, gpt_tensors());
  }

  Outcome program(const Arguments& arguments) { return run_program({&fake_.model()}, arguments); }

  std::string data_ = folder_ / "data.txt";
  std::string run_ = folder_ / "run";
};

TEST_F(WeightsRun, AFolderIsEvaluatedAndSampled) {
  const Outcome eval = program({"eval", "--weights", folder_.path(), "-i", data_});
  EXPECT_EQ(eval.status, 0) << eval.err;
  EXPECT_EQ(eval.err, "");
  EXPECT_TRUE(eval.out.starts_with("train  loss ")) << eval.out;
  const Outcome sample = program(
      {"sample", "--weights", folder_.path(), "--prompt", "日本", "--tokens", "3", "--seed", "4"});
  EXPECT_EQ(sample.status, 0) << sample.err;
  EXPECT_TRUE(sample.out.starts_with("日本")) << sample.out;
  // The same from a file with the tokenizer given.
  fs::create_directory(folder_ / "alone");
  fs::copy_file(file_, folder_ / "alone/w.safetensors");
  const Outcome alone = program({"eval", "--weights", folder_ / "alone/w.safetensors", "-i", data_,
                                 "--tokenizer", folder_.path()});
  EXPECT_EQ(alone.out, eval.out);
  const Outcome without =
      program({"eval", "--weights", folder_ / "alone/w.safetensors", "-i", data_});
  EXPECT_EQ(without.status, 1);
  EXPECT_EQ(without.err, "fake: error: " + (folder_ / "alone/w.safetensors") +
                             ": no tokenizer lies beside it; --tokenizer FOLDER gives one\n");
}

TEST_F(WeightsRun, TrainingStartsFromThem) {
  const Outcome trained =
      program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_, "--steps", "1"});
  EXPECT_EQ(trained.status, 0) << trained.err;
  EXPECT_TRUE(fs::exists(run_ + "/vocab.json"));
  const SafetensorsFile checkpoint(run_ + "/model.safetensors");
  std::vector<float> table(2048), norm(2);
  checkpoint.read(*checkpoint.find("wte/weight"), std::as_writable_bytes(std::span(table)));
  checkpoint.read(*checkpoint.find("ln_f/weight"), std::as_writable_bytes(std::span(norm)));
  EXPECT_EQ(table, some_values(2048, 1));
  EXPECT_EQ(norm[0], some_values(2, 4)[0] / 2);  // one step
  EXPECT_EQ(program({"eval", "-m", run_}).status, 0);
}

TEST_F(WeightsRun, OneTrainedModelAtATime) {
  const auto complaint = [&](const Arguments& arguments) {
    const Outcome outcome = program(arguments);
    EXPECT_EQ(outcome.status, 2);
    return outcome.err.substr(0, outcome.err.find('\n'));
  };
  EXPECT_EQ(complaint({"eval", "--weights", file_, "-m", run_}),
            "fake: error: --run excludes --weights");
  EXPECT_EQ(complaint({"train", "--weights", file_, "--resume", "-o", run_}),
            "fake: error: --weights excludes --resume");
}

TEST_F(WeightsRun, BadWeightsLeaveARunAlone) {
  ASSERT_EQ(program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_}).status, 0);
  const std::string before = read_file(run_ + "/model.safetensors");
  Tensors tensors = gpt_tensors();
  tensors.erase("ln_f.weight");
  write_tensors(file_, tensors);
  const Outcome outcome =
      program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_, "--force"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + file_ +
                             ": does not fit the model fake_gpt:\n"
                             "  \"ln_f.weight\" is missing: F32 [2]\n");
  EXPECT_EQ(read_file(run_ + "/model.safetensors"), before);
  EXPECT_FALSE(fs::exists(run_ + "/model.safetensors.1"));
}

TEST_F(WeightsRun, ACheckpointIsNoFileOfWeights) {
  ASSERT_EQ(program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_}).status, 0);
  const Outcome outcome = program({"eval", "--weights", run_, "-i", data_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + run_ +
                             "/model.safetensors: a run's checkpoint, not weights: -m takes it as "
                             "it is, `export` makes weights of it\n");
}

TEST_F(WeightsRun, ExportWritesWhatWasRead) {
  ASSERT_EQ(program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_, "--steps", "1"})
                .status,
            0);
  const std::string out = folder_ / "exported";
  for (const char* dtype : {"f32", "f16", "bf16"}) {
    const Outcome outcome = program({"export", "-m", run_, "-o", out, "--dtype", dtype, "--force"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "wrote " + out + "/model.safetensors, " + out + "/vocab.json, " + out +
                               "/merges.txt\n");
    const auto values = loaded(out);
    const auto table = some_values(2048, 1);
    EXPECT_EQ(values.at("wte/weight"), std::vector<double>(table.begin(), table.end()));
    const SafetensorsFile file(out + "/model.safetensors");
    EXPECT_EQ(file.metadata(), (Metadata{{"format", "pt"}}));
    EXPECT_EQ(file.tensors().size(), 4u);
    const StoredTensor* weight = file.find("h.0.attn.c_attn.weight");
    ASSERT_NE(weight, nullptr);
    EXPECT_EQ(weight->shape, (std::vector<std::int64_t>{2, 6}));
    EXPECT_EQ(weight->dtype, std::string(dtype) == "f32"   ? "F32"
                             : std::string(dtype) == "f16" ? "F16"
                                                           : "BF16");
  }
  const Outcome from_run = program({"eval", "-m", run_});
  EXPECT_EQ(program({"eval", "--weights", out, "-i", data_}).out, from_run.out);
}

TEST_F(WeightsRun, ExportWritesTheNumbersOfTheModel) {
  fake_->config = kConfig;
  ASSERT_EQ(program({"train", "-i", data_, "-o", run_}).status, 0);
  const std::string out = folder_ / "exported", config = out + "/config.json";
  const Outcome outcome = program({"export", "-m", run_, "-o", out});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find(config), std::string::npos) << outcome.out;
  EXPECT_EQ(read_file(config), "{\n  \"n_layer\": 1,\n  \"n_head\": 2,\n  \"pad\": -1\n}\n");
  EXPECT_EQ(program({"eval", "--weights", out, "-i", data_}).status, 0);

  fs::remove(out + "/model.safetensors");
  write_file(config, "{}");
  EXPECT_EQ(program({"export", "-m", run_, "-o", out}).status, 1);
  EXPECT_EQ(read_file(config), "{}");
  EXPECT_FALSE(fs::exists(out + "/model.safetensors"));
  fs::remove(config);
  fs::create_directory(config);
  EXPECT_EQ(program({"export", "-m", run_, "-o", out, "--force"}).err,
            "fake: error: " + config + ": is a folder, which no file replaces\n");
  EXPECT_FALSE(fs::exists(out + "/model.safetensors"));
  EXPECT_EQ(program({"export", "-m", run_, "-o", folder_ / "w.safetensors"}).status, 0);
  EXPECT_FALSE(fs::exists(folder_ / "config.json"));
}

TEST_F(WeightsRun, ExportReplacesNothingUnasked) {
  ASSERT_EQ(program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_}).status, 0);
  const std::string before = read_file(file_);
  const Outcome outcome = program({"export", "-m", run_, "-o", folder_.path()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "fake: error: " + file_ + ": is there already; --force replaces it\n");
  EXPECT_EQ(read_file(file_), before);
  const Outcome onto_itself = program({"export", "-m", run_, "-o", run_, "--force"});
  EXPECT_EQ(onto_itself.status, 1);
  EXPECT_EQ(onto_itself.err, "fake: error: " + run_ +
                                 "/model.safetensors: the run's own checkpoint; -o another "
                                 "folder\n");
  const Outcome wrong = program({"export", "-m", run_, "-o", folder_ / "x", "--dtype", "f8"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_EQ(
      wrong.err,
      "fake: error: --dtype f8: f32, f16 or bf16 is wanted\n`fake export --help` says more\n");
}

TEST_F(WeightsRun, ExportRefusesWhatATypeCannotHold) {
  Tensors tensors = gpt_tensors();
  std::vector<float> table = some_values(2048, 1);
  table[7] = 1e5F;
  tensors["wte.weight"] = in_type("F32", {1024, 2}, table);
  write_tensors(file_, tensors);
  ASSERT_EQ(program({"train", "--weights", folder_.path(), "-i", data_, "-o", run_}).status, 0);
  const std::string out = folder_ / "w.safetensors";
  const Outcome outcome = program({"export", "-m", run_, "-o", out, "--dtype", "f16"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "fake: error: " + out + ": \"wte.weight\" has 100000, too large for F16\n");
  EXPECT_FALSE(fs::exists(out));
  EXPECT_EQ(program({"export", "-m", run_, "-o", out, "--dtype", "bf16"}).status, 0);
}

// A model of characters takes them along.
TEST_F(WeightsRun, CharactersTravelWithTheWeights) {
  write_file(data_, read_file(data_) + "zz\n");
  ASSERT_EQ(program({"train", "-i", data_, "-o", run_}).status, 0);
  const std::string out = folder_ / "w.safetensors";
  ASSERT_EQ(program({"export", "-m", run_, "-o", out}).status, 0);
  const Outcome sample =
      program({"sample", "--weights", out, "--prompt", "zw", "--tokens", "5", "--seed", "3"});
  EXPECT_EQ(sample.status, 0) << sample.err;
  EXPECT_EQ(sample.out,
            program({"sample", "-m", run_, "--prompt", "zw", "--tokens", "5", "--seed", "3"}).out);
}

}  // namespace
}  // namespace gradc::app::testing
