#include "loadstone/pricing/evidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadstone/core/error.h"

namespace loadstone {

std::vector<UniverseSeries> by_universe(const Evidence& evidence) {
  std::vector<UniverseSeries> out;
  for (size_t i = 0; i < evidence.series.size(); ++i) {
    const std::string& name = evidence.outcomes.models[i].model.scope.universe;
    auto found = std::find_if(out.begin(), out.end(), [&](const UniverseSeries& u) { return u.name == name; });
    if (found == out.end()) found = out.insert(out.end(), UniverseSeries{name, {}});
    found->series.push_back(evidence.series[i]);
  }
  return out;
}

std::string too_few(const UniverseSeries& universe, const Sample& sample, int64_t months) {
  return fmt::format("The {} models of universe `{}` have {} months in common in the sample {}: too few to compare.",
                     universe.series.size(), universe.name, months, sample.name);
}

RowTable::RowTable(std::vector<std::string> text_names, std::vector<std::string> number_names)
    : text_names_(std::move(text_names)),
      number_names_(std::move(number_names)),
      texts_(text_names_.size()),
      numbers_(number_names_.size()) {}

void RowTable::add(const std::vector<std::string>& texts, const std::vector<double>& numbers) {
  if (texts.size() != texts_.size() || numbers.size() != numbers_.size())
    throw Error(ErrorKind::task, fmt::format("a row of {} texts and {} numbers does not fit a table of {} and {}",
                                             texts.size(), numbers.size(), texts_.size(), numbers_.size()));
  for (size_t i = 0; i < texts.size(); ++i) texts_[i].push_back(texts[i]);
  for (size_t i = 0; i < numbers.size(); ++i) numbers_[i].push_back(numbers[i]);
  ++rows_;
}

Table RowTable::table() const {
  Table table;
  for (size_t i = 0; i < texts_.size(); ++i) table.add(text_names_[i], texts_[i]);
  for (size_t i = 0; i < numbers_.size(); ++i) table.add(number_names_[i], numbers_[i]);
  return table;
}

}  // namespace loadstone
