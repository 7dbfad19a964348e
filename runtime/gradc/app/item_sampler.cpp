#include <fmt/format.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/item_sampler.h>
#include <gradc/app/line_items.h>
#include <gradc/app/next_token.h>
#include <gradc/app/token_draw.h>
#include <gradc/app/trained.h>
#include <gradc/app/utf8.h>

namespace gradc::app {

int sample_items(const core::Model& model, const SampleOptions& options) {
  Instance instance(model, Instance::Purpose::kRun);
  core::Team team(choose_threads(model, 1, options.threads));
  const auto next = make_next_token(instance, team);
  const Trained trained(model, options.trained);
  trained.load(instance);
  const Vocabulary& vocabulary = *trained.alphabet().characters;

  TokenDraw draw(options.temperature, options.top_k, vocabulary.size());
  for (std::int64_t item = 0; item < options.count.value_or(kDefaultItems); ++item) {
    const core::Draw place{options.seed, kSampleStream, static_cast<std::uint64_t>(item)};
    std::string text;
    next->restart();
    std::int32_t token = kBoundaryToken;
    for (std::int64_t i = 0; i < next->block(); ++i) {
      next->advance(token);
      const auto logits = next->logits().first(static_cast<std::size_t>(vocabulary.size()));
      token = draw.draw(logits, core::uniform<double>(place, i));
      if (token == kBoundaryToken) break;
      append_utf8(vocabulary.character(token), text);
    }
    fmt::print("{}\n", text);
  }
  return kExitDone;
}

}  // namespace gradc::app
