// The generated classes as a program of one's own uses them: step by step a decoder gives what
// `predict` gives for the whole sequence.
#include <gradc/app/decoder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoded.gen.h"
#include "gpt.gen.h"
#include "gpt2.gen.h"
#include "llama.gen.h"
#include "microgpt.gen.h"
#include "models/allocations.h"
#include "transformer.gen.h"

namespace gradc::test {
namespace {

// Other numbers in every place, all that a tensor spans.
void fill_parameters(const core::Model& model, std::byte* arena) {
  double phase = 0;
  for (const core::TensorInfo& tensor : model.tensors) {
    if (tensor.role != core::Role::kParameter) continue;
    std::int64_t elements = 1;
    for (int axis = 0; axis < tensor.rank; ++axis)
      elements += (tensor.shape[axis] - 1) * tensor.strides[axis];
    auto* const values = reinterpret_cast<float*>(arena + tensor.offset);
    for (std::int64_t i = 0; i < elements; ++i)
      values[i] = static_cast<float>(0.5 * std::sin(phase += 0.7 + 1e-3 * static_cast<double>(i)));
  }
}

void fill(std::span<float> values, double phase) {
  for (float& x : values) x = static_cast<float>(std::sin(phase += 0.9));
}

void fill(std::span<std::int32_t> tokens, std::int32_t first, std::int32_t classes) {
  for (std::int32_t& token : tokens) token = (first = (first * 5 + 3) % classes);
}

// Relative to the largest of the row: a logit is a sum in which others of that size may cancel.
void expect_near(std::span<const float> found, std::span<const float> wanted,
                 const std::string& where) {
  ASSERT_EQ(found.size(), wanted.size());
  float largest = 0;
  for (const float x : wanted) largest = std::max(largest, std::abs(x));
  ASSERT_GT(largest, 1e-3F) << where;
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], wanted[i], 1e-5F * largest) << where << ", element " << i;
}

std::string at(std::int64_t position, std::int64_t row) {
  return "position " + std::to_string(position) + ", row " + std::to_string(row);
}

// A model of "tokens" and "logits" alone. Rows beyond the batch hold what is never asked for.
template <class Whole, class Decoder>
void expect_predicted_logits(const core::Model& model, std::int32_t classes, std::int64_t batch,
                             int threads) {
  Whole whole;
  fill_parameters(model, whole.arena());
  for (std::int64_t row = 0; row < Whole::kMaxBatch; ++row)
    fill(whole.tokens(row), static_cast<std::int32_t>(row), classes);
  whole.predict();

  Decoder decoder(threads);
  decoder.load(whole);
  for (std::int64_t position = 0; position < Decoder::kPositions; ++position) {
    for (std::int64_t row = 0; row < batch; ++row)
      decoder.tokens()[static_cast<std::size_t>(row)] =
          whole.tokens(row)[static_cast<std::size_t>(position)];
    decoder.step(position, batch);
    for (std::int64_t row = 0; row < batch; ++row)
      expect_near(decoder.logits(row), whole.logits(row, position), at(position, row));
  }
}

TEST(DecoderClass, StepsGiveWhatPredictGives) {
  for (const int threads : {1, 3}) {
    expect_predicted_logits<gpt::Gpt, gpt::GptDecoder>(gpt::kModel, 65, 4, threads);
    expect_predicted_logits<gpt2::Gpt2, gpt2::Gpt2Decoder>(gpt2::kModel, 97, 2, threads);
    expect_predicted_logits<llama::Llama, llama::LlamaDecoder>(llama::kModel, 65, 1, threads);
  }
}

// Where the row says its own positions: two names in a row of sixteen.
TEST(DecoderClass, PositionsOfItemsSideBySide) {
  microgpt::Microgpt whole;
  fill_parameters(microgpt::kModel, whole.arena());
  for (std::int64_t row = 0; row < microgpt::Microgpt::kMaxBatch; ++row) {
    fill(whole.tokens(row), static_cast<std::int32_t>(row), 27);
    for (std::int32_t i = 0; i < 16; ++i)
      whole.position(row)[static_cast<std::size_t>(i)] = i < 7 ? i : i - 7;
  }
  whole.predict();
  microgpt::MicrogptDecoder decoder;
  decoder.load(whole);
  for (std::int64_t position = 0; position < 16; ++position) {
    for (std::int64_t row = 0; row < 8; ++row) {
      decoder.tokens()[static_cast<std::size_t>(row)] =
          whole.tokens(row)[static_cast<std::size_t>(position)];
      decoder.position()[static_cast<std::size_t>(row)] =
          whole.position(row)[static_cast<std::size_t>(position)];
    }
    decoder.step(position);
    for (std::int64_t row = 0; row < 8; ++row)
      expect_near(decoder.logits(row), whole.logits(row, position), at(position, row));
  }
}

// The source is there from the first position on; a second one takes the place of the first.
TEST(DecoderClass, ASourceBelongsToNoPosition) {
  using Decoder = transformer::TransformerDecoder;
  transformer::Transformer whole;
  fill_parameters(transformer::kModel, whole.arena());
  Decoder decoder;
  decoder.load(whole);
  for (const std::int32_t first : {1, 2}) {
    for (std::int64_t row = 0; row < Decoder::kMaxBatch; ++row) {
      fill(whole.source(row), first + static_cast<std::int32_t>(row), 27);
      fill(whole.tokens(row), first + 3, 27);
      whole.length()[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(3 + row);
      std::ranges::copy(whole.source(row), decoder.source(row).begin());
    }
    std::ranges::copy(whole.length(), decoder.length().begin());
    whole.predict();
    for (std::int64_t position = 0; position < Decoder::kPositions; ++position) {
      for (std::int64_t row = 0; row < Decoder::kMaxBatch; ++row)
        decoder.tokens()[static_cast<std::size_t>(row)] =
            whole.tokens(row)[static_cast<std::size_t>(position)];
      decoder.step(position);
      for (std::int64_t row = 0; row < Decoder::kMaxBatch; ++row)
        expect_near(decoder.logits(row), whole.logits(row, position), at(position, row));
    }
  }
}

// The model of decoded.cpp with numbers in all its tensors. Its tensors are called as members are.
struct Filled {
  decoded::Decoded whole;
  decoded::DecodedDecoder decoder;

  Filled() {
    fill_parameters(decoded::kModel, whole.arena());
    for (std::int64_t row = 0; row < 3; ++row) {
      fill(whole.step(row), static_cast<std::int32_t>(row), 11);
      fill(whole.target(row), 3, 11);
      for (std::int64_t i = 0; i < 5; ++i)
        fill(whole.arena_2(row, i), static_cast<double>(row + 10 * i));
      for (std::int64_t t = 0; t < 20; ++t)
        fill(whole.position(row, t), static_cast<double>(t - row));
    }
  }

  void put(std::int64_t position) {
    for (std::int64_t row = 0; row < 3; ++row) {
      for (std::int64_t i = 0; i < 5; ++i)
        std::ranges::copy(whole.arena_2(row, i), decoder.arena_2(row, i).begin());
      std::ranges::copy(whole.position(row, position), decoder.position(row).begin());
      decoder.step_2()[static_cast<std::size_t>(row)] =
          whole.step(row)[static_cast<std::size_t>(position)];
    }
  }

  void expect_predicted(std::int64_t from, std::int64_t batch) {
    whole.predict(batch);
    for (std::int64_t position = from; position < 20; ++position) {
      put(position);
      decoder.step(position, batch);
      for (std::int64_t row = 0; row < batch; ++row)
        expect_near(decoder.logits(row), whole.logits(row, position), at(position, row));
    }
  }
};

TEST(DecoderClass, TakesOverParametersSettingsAndStates) {
  Filled filled;
  filled.decoder.load(filled.whole);
  filled.expect_predicted(0, 3);
  filled.whole.train_step();  // moves the parameters, and the state by one
  filled.whole.train_step();
  EXPECT_EQ(filled.whole.kPositions()[0], 2);
  filled.whole.DecodedDecoder_2() = 3;
  filled.decoder.load(filled.whole);
  filled.expect_predicted(0, 3);
}

// Without parameters the input is left, times the setting.
TEST(DecoderClass, SettingsBeginAsDeclared) {
  Filled filled;
  filled.put(0);
  filled.decoder.step(0);
  for (std::size_t i = 0; i < 11; ++i)
    EXPECT_EQ(filled.decoder.logits(1)[i], 0.5F * filled.whole.position(1, 0)[i]);
}

TEST(DecoderClass, ThatOfTheProgramTakesOverTheSame) {
  decoded::Decoded whole;
  fill_parameters(decoded::kModel, whole.arena());
  for (std::int64_t row = 0; row < 3; ++row) fill(whole.step(row), 5, 11);
  whole.train_step();
  whole.predict();
  app::Instance instance(decoded::kModel, app::Instance::Purpose::kRun);
  std::copy_n(whole.arena(), decoded::Decoded::kArenaBytes, instance.arena());
  app::Decoder decoder(decoded::kModel);
  decoder.load(instance);
  core::Team team(1);
  for (std::int64_t position = 0; position < 20; ++position) {
    for (std::int64_t row = 0; row < 3; ++row)
      decoder.put("step", row, whole.step(row).subspan(static_cast<std::size_t>(position), 1));
    decoder.step(position, 3, team);
    for (std::int64_t row = 0; row < 3; ++row) {
      std::vector<double> logits(11);
      decoder.logits(row, logits);
      expect_near(std::vector<float>(logits.begin(), logits.end()), whole.logits(row, position),
                  at(position, row));
    }
  }
}

TEST(DecoderClass, MayGoBack) {
  Filled filled;
  filled.decoder.load(filled.whole);
  filled.expect_predicted(0, 3);
  fill(filled.whole.step(0).last<8>(), 9, 11);
  filled.expect_predicted(12, 3);
}

TEST(DecoderClass, WithoutABatch) {
  single::Single whole;
  fill_parameters(single::kModel, whole.arena());
  for (std::int64_t t = 0; t < 6; ++t) fill(whole.x(0, t), static_cast<double>(t * t));
  whole.predict();
  single::SingleDecoder decoder;
  decoder.load(whole);
  for (std::int64_t t = 0; t < 6; ++t) {
    std::ranges::copy(whole.x(0, t), decoder.x(0).begin());
    decoder.step(t);
    expect_near(decoder.y(0), whole.y(0, t), at(t, 0));
  }
}

template <class Run>
std::string complaint(Run run) {
  try {
    run();
  } catch (const std::out_of_range& error) {
    return error.what();
  }
  return "accepted";
}

TEST(DecoderClass, ChecksItsExtents) {
  decoded::DecodedDecoder decoder;
  EXPECT_EQ(complaint([&] { decoder.step(0); }), "accepted");
  EXPECT_EQ(complaint([&] { decoder.step(19, 1); }), "accepted");
  for (const std::int64_t position : {std::int64_t{-1}, std::int64_t{20}, std::int64_t{1} << 32})
    EXPECT_EQ(complaint([&] { decoder.step(position); }), "DecodedDecoder: a position is 0 to 19");
  for (const std::int64_t batch : {0, -1, 4})
    EXPECT_EQ(complaint([&] { decoder.step(0, batch); }), "DecodedDecoder: a batch is 1 to 3");
}

TEST(DecoderClass, AllocatesNothingAfterItsConstruction) {
  Filled filled;
  const int before = allocations();
  filled.decoder.load(filled.whole);
  for (std::int64_t position = 0; position < 20; ++position) {
    filled.put(position);
    filled.decoder.step(position);
  }
  EXPECT_EQ(allocations(), before);
}

TEST(DecoderClass, SaysWhatItIs) {
  using Decoder = gpt2::Gpt2Decoder;
  EXPECT_EQ(Decoder::kArenaBytes, gpt2::kModel.decoder->arena_bytes);
  EXPECT_EQ(Decoder::kPositions, 16);
  EXPECT_EQ(Decoder::kMaxBatch, 3);
}

}  // namespace
}  // namespace gradc::test
