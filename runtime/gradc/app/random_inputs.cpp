#include <gradc/app/draw.h>
#include <gradc/app/random_inputs.h>

#include <algorithm>

namespace gradc::app {

void fill_random_inputs(Instance& instance, std::uint64_t seed) {
  using core::Role;
  std::uint64_t number = 0;
  for (const core::TensorInfo* input : tensors_of(instance.model(), Role::kInput)) {
    const core::Draw draw{seed, kCheckStream, number++};
    std::vector<double> values(static_cast<std::size_t>(element_count(*input)));
    if (input->element == core::Element::kI32) {
      std::vector<std::uint32_t> classes(values.size());
      // A sequence of no tokens is none.
      const std::uint32_t first = std::string_view(input->name) == "length" ? 1 : 0;
      draw_below(draw,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(1, input->classes - first)),
                 classes);
      std::ranges::transform(classes, values.begin(), [&](std::uint32_t c) { return c + first; });
    } else {
      const bool label = std::string_view(input->name) == "label";
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double normal = core::normal<float>(draw, static_cast<std::int64_t>(i));
        values[i] = !label ? normal : normal < 0 ? -1 : 1;
      }
    }
    set_values(instance.arena(), *input, values);
  }
}

}  // namespace gradc::app
