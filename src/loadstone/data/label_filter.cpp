#include "loadstone/data/label_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;

constexpr size_t most_listed = 20;

std::string trimmed(std::string_view part) {
  while (part.starts_with(' ')) part.remove_prefix(1);
  while (part.ends_with(' ')) part.remove_suffix(1);
  return std::string(part);
}

const Texts& label_column(const Table& labels, const std::string& name, std::string_view where) {
  Texts valid;
  for (const auto& [column, values] : labels.columns()) {
    const auto* texts = std::get_if<Texts>(&values);
    if (texts == nullptr) continue;
    if (column == name) return *texts;
    valid.push_back(column);
  }
  throw unknown_name("label", name, fmt::format("assets ({})", where), valid);
}

// The values that there are, the most frequent first.
Error no_such_value(const Texts& column, const LabelFilter& filter, const std::string& value, std::string_view where) {
  std::map<std::string, int64_t> count;
  for (const std::string& text : column) ++count[text];
  std::vector<std::pair<int64_t, std::string>> by_count;
  Texts names, listed;
  for (const auto& [name, n] : count) by_count.emplace_back(-n, name), names.push_back(name);
  std::ranges::sort(by_count);
  for (const auto& [n, name] : by_count)
    if (listed.size() < most_listed) listed.push_back(fmt::format("`{}` ({})", name, -n));
  if (by_count.size() > most_listed) listed.push_back(fmt::format("and {} more", by_count.size() - most_listed));
  const std::string nearest = nearest_name(value, names);
  return usage_error(fmt::format("{}: no asset has {} = `{}`.{} There are: {}.", where, filter.column, value,
                                 nearest.empty() ? "" : fmt::format(" Nearest: `{}`.", nearest),
                                 fmt::join(listed, ", ")));
}

}  // namespace

LabelFilter parse_label_filter(std::string_view text, std::string_view where) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    throw usage_error(fmt::format(
        "{}: `{}` is no filter. Valid: \"column = value | value\", or \"column =\" for empty cells", where, text));
  LabelFilter filter{trimmed(text.substr(0, equals)), {}};
  for (size_t begin = equals + 1;;) {
    const size_t end = text.find('|', begin);
    filter.values.push_back(trimmed(text.substr(begin, end - begin)));
    if (end == std::string_view::npos) return filter;
    begin = end + 1;
  }
}

std::vector<bool> chosen_rows(const Table& labels, const LabelFilter& filter, std::string_view where) {
  const Texts& column = label_column(labels, filter.column, where);
  for (const std::string& value : filter.values)
    if (std::ranges::find(column, value) == column.end()) throw no_such_value(column, filter, value, where);
  std::vector<bool> out;
  for (const std::string& label : column) out.push_back(std::ranges::find(filter.values, label) != filter.values.end());
  return out;
}

}  // namespace loadstone
