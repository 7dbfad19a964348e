// The data set `csv`: a row of features an example, the label in the last column. A first row that
// holds no number in any column is a header.
#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/points.h>
#include <gradc/app/utf8.h>

#include <charconv>
#include <cmath>

namespace gradc::app {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

bool parse_number(std::string_view text, double& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size() && std::isfinite(value);
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

bool is_header(const std::vector<std::string_view>& cells) {
  double ignored;
  for (const std::string_view cell : cells) {
    if (parse_number(cell, ignored)) return false;
  }
  return true;
}

class CsvReader {
 public:
  CsvReader(const core::Model& model, const Source& source, const core::TensorInfo& features,
            const core::TensorInfo& label)
      : model_(model),
        source_(source),
        columns_(static_cast<std::size_t>(features.rank > 1 ? features.shape[1] : 1)),
        label_(label) {}

  std::vector<double> read() {
    std::string_view rest = without_byte_order_mark(source_.bytes);
    for (std::int64_t line = 1; !rest.empty(); ++line) {
      const std::size_t end = rest.find('\n');
      const std::string_view text = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (trimmed(text).empty()) continue;
      const auto cells = cells_of(text);
      require_width(line, cells.size());
      if (!started_ && is_header(cells)) {
        started_ = true;
        continue;
      }
      started_ = true;
      add_row(line, cells);
    }
    return std::move(values_);
  }

 private:
  void require_width(std::int64_t line, std::size_t width) const {
    if (width == columns_ + 1) return;
    throw DataError(fmt::format("{}:{}: {} column{}, but {} takes {} feature{} and a label",
                                source_.name, line, width, width == 1 ? "" : "s", model_.name,
                                columns_, columns_ == 1 ? "" : "s"));
  }

  void add_row(std::int64_t line, const std::vector<std::string_view>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      double value;
      if (!parse_number(cells[i], value)) {
        throw DataError(fmt::format("{}:{}: column {} is no finite number: \"{}\"", source_.name,
                                    line, i + 1, shortened(cells[i])));
      }
      values_.push_back(value);
    }
    if (label_.element != core::Element::kI32) return;
    const double label = values_.back();
    if (label != std::floor(label) || label < 0 || label >= static_cast<double>(label_.classes)) {
      throw DataError(fmt::format("{}:{}: the label {} is no class of {}: 0 to {}", source_.name,
                                  line, label, model_.name, label_.classes - 1));
    }
  }

  const core::Model& model_;
  const Source& source_;
  std::size_t columns_;
  const core::TensorInfo& label_;
  bool started_ = false;
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<Dataset> make_csv(const core::Model& model, const Source& source,
                                  const DatasetOptions& options) {
  const auto inputs = bind_inputs(
      model, "csv",
      {{"features", InputType::kReal, {kAnyExtent}}, {"label", InputType::kTokensOrReal, {}}});
  require_utf8_text(source.bytes, source.name);
  std::vector<double> values = CsvReader(model, source, *inputs[0], *inputs[1]).read();
  const std::int64_t columns = inputs[0]->shape[1];
  const std::size_t rows = values.size() / static_cast<std::size_t>(columns + 1);
  require_items(model, source, rows, "row");
  const std::string summary =
      fmt::format("{} rows, {} features", grouped(static_cast<std::int64_t>(rows)), columns);
  return std::make_unique<Points>(model, inputs[0], inputs[1], std::move(values), options.seed,
                                  summary);
}

}  // namespace gradc::app
