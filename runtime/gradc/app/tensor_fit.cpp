#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/tensor_fit.h>

#include <algorithm>

namespace gradc::app {
namespace {

std::string stored_text(const StoredTensor& stored) {
  return fmt::format("{} {}", stored.dtype, shape_text(stored.shape));
}

}  // namespace

std::string dtype_of(core::Element element) {
  constexpr const char* kNames[] = {"F32", "F64", "I32"};
  return kNames[static_cast<int>(element)];
}

bool accepts(Accepts accepted, const std::string& dtype, core::Element element) {
  if (dtype == dtype_of(element)) return true;
  if (accepted == Accepts::kSame || element == core::Element::kI32) return false;
  return dtype == "F16" || dtype == "BF16" || dtype == "F32";
}

std::string misfit(const std::string& name, const StoredTensor* stored,
                   const core::TensorInfo& tensor, Accepts accepted) {
  const bool fits_type = stored != nullptr && accepts(accepted, stored->dtype, tensor.element);
  const std::string wanted = fmt::format(
      "{} {}", fits_type ? stored->dtype : dtype_of(tensor.element), shape_text(shape_of(tensor)));
  if (stored == nullptr) return fmt::format("\"{}\" is missing: {}", name, wanted);
  if (fits_type && std::ranges::equal(stored->shape, shape_of(tensor))) return "";
  return fmt::format("\"{}\" is {}, not {}", name, stored_text(*stored), wanted);
}

std::string unknown_tensor(const StoredTensor& stored) {
  return fmt::format("\"{}\" is not in the model: {}", stored.name, stored_text(stored));
}

void require_fit(const std::string& path, const core::Model& model,
                 const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  throw DataError(fmt::format("{}: does not fit the model {}:\n  {}", path, model.name,
                              fmt::join(lines, "\n  ")));
}

}  // namespace gradc::app
