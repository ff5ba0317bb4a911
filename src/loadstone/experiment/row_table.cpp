#include "loadstone/experiment/row_table.h"

#include <fmt/format.h>

#include "loadstone/core/error.h"

namespace loadstone {

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
