#include <gradc/app/trained.h>

namespace gradc::app {

Trained::Trained(const core::Model& model, const TrainedOptions& options) {
  if (options.weights) {
    weights_ = std::make_unique<Weights>(*options.weights, model);
    name_ = weights_->path();
    alphabet_ = weights_alphabet(model, *weights_, options.tokenizer);
    return;
  }
  name_ = options.folder;
  checkpoint_ = open_checkpoint(options.folder);
  require_model(*checkpoint_, model);
  facts_ = read_facts(*checkpoint_);
  alphabet_ = run_alphabet(model, *facts_, options.folder, options.tokenizer);
}

void Trained::load(Instance& instance) const {
  if (weights_ != nullptr) return weights_->load(instance);
  for (const auto& [name, value] : facts_->settings) {
    if (instance.has_setting(name)) instance.set_setting(name, value);
  }
  load_tensors(*checkpoint_, instance);
}

}  // namespace gradc::app
