#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/next_token.h>
#include <gradc/app/text_sampler.h>
#include <gradc/app/token_draw.h>
#include <gradc/app/trained.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <cstdio>

namespace gradc::app {
namespace {

constexpr std::int64_t kDefaultTexts = 1;
constexpr std::int64_t kDefaultTokens = 200;

void put(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

std::vector<std::int32_t> prompt_tokens(Tokenizer& tokenizer, const std::string& prompt,
                                        const std::string& owner) {
  require_utf8_text(prompt, "--prompt");
  if (prompt.empty()) return {std::max(0, tokenizer.text_boundary())};
  if (auto tokens = encode_whole(tokenizer, prompt)) return *tokens;
  const std::size_t covered = tokenizer.encode(prompt, [](auto) {});
  fail_without_token("--prompt", prompt, covered, tokenizer, owner);
}

// Says what a prompt that is longer than the block comes to.
void report_long_prompt(const core::Model& model, std::size_t tokens, std::int64_t block,
                        const SampleOptions& options) {
  if (static_cast<std::int64_t>(tokens) <= block) return;
  if (!options.slide) {
    throw DataError(
        fmt::format("--prompt: {} tokens, but {} was generated for a block of {}; "
                    "without --no-slide it sees the last {}",
                    tokens, model.name, block, block));
  }
  fmt::print(stderr, "note: --prompt: {} tokens, of which {} sees the last {}\n", tokens,
             model.name, block);
}

}  // namespace

int sample_text(const core::Model& model, const SampleOptions& options) {
  Instance instance(model, Instance::Purpose::kRun);
  core::Team team(choose_threads(model, 1, options.threads));
  const auto next = make_next_token(instance, team);
  const Trained trained(model, options.trained);
  trained.load(instance);
  const auto tokenizer = make_tokenizer(trained.alphabet());
  const std::string text_before = options.prompt.value_or("");
  const auto prompt = prompt_tokens(*tokenizer, text_before, trained.alphabet().owner);
  report_long_prompt(model, prompt.size(), next->block(), options);

  TokenDraw draw(options.temperature, options.top_k, tokenizer->size());
  for (std::int64_t text = 0; text < options.count.value_or(kDefaultTexts); ++text) {
    next->restart();
    for (const std::int32_t token : prompt) next->advance(token);
    put(text_before);
    auto seen = static_cast<std::int64_t>(prompt.size());
    for (std::int64_t i = 0; i < options.tokens.value_or(kDefaultTokens); ++i, ++seen) {
      if (i > 0 && seen > next->block() && !options.slide) {
        fmt::print(stderr, "note: stopped where the block of {} tokens is full\n", next->block());
        break;
      }
      const core::Draw place{options.seed, kSampleStream, static_cast<std::uint64_t>(text)};
      const auto logits = next->logits().first(static_cast<std::size_t>(tokenizer->size()));
      const std::int32_t token = draw.draw(logits, core::uniform<double>(place, i));
      if (tokenizer->ends_text(token)) break;
      put(tokenizer->bytes(token));
      next->advance(token);
    }
    put("\n");
  }
  return kExitDone;
}

}  // namespace gradc::app
