#include "loadstone/sources/tsv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

// Bytes of the sequence that starts here, or 0 if it is no UTF-8.
size_t sequence_length(std::string_view text) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xC2 ? 0 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 0 || byte(0) > 0xF4 || length > text.size()) return 0;
  for (size_t k = 1; k < length; ++k)
    if ((byte(k) & 0xC0) != 0x80) return 0;
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool no_character = (byte(0) == 0xED && byte(1) > 0x9F) || (byte(0) == 0xF4 && byte(1) > 0x8F);
  return overlong || no_character ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\r' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

size_t split_cells(std::string_view line, std::span<std::string_view> cells) {
  const char* at = line.data();
  const char* const end = at + line.size();
  for (size_t k = 0;; ++k) {
    const auto* tab = static_cast<const char*>(std::memchr(at, '\t', static_cast<size_t>(end - at)));
    const char* stop = tab == nullptr ? end : tab;
    if (k < cells.size()) cells[k] = std::string_view(at, static_cast<size_t>(stop - at));
    if (tab == nullptr) return k + 1;
    at = tab + 1;
  }
}

TsvTable::TsvTable(std::string file, std::string_view text) : file_(std::move(file)) {
  rows_ = without_byte_order_mark(text);
  const std::string_view header = take_line(rows_);
  if (trimmed(header).empty()) throw data_error(fmt::format("{} is empty: it has no line of column names", file_));
  names_.resize(split_cells(header, {}));
  split_cells(header, names_);
  for (std::string_view& name : names_) name = trimmed(name);
}

std::optional<size_t> TsvTable::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return {};
  return static_cast<size_t>(found - names_.begin());
}

size_t TsvTable::column(std::string_view name) const {
  if (const auto found = find(name)) return *found;
  throw data_error(fmt::format("{} has no column `{}`. Columns: {}", file_, name, fmt::join(names_, ", ")));
}

std::vector<std::string_view> TsvTable::pieces(size_t bytes) const {
  std::vector<std::string_view> out;
  for (std::string_view rest = rows_; !rest.empty();) {
    const size_t end = rest.size() <= bytes ? std::string_view::npos : rest.find('\n', bytes);
    out.push_back(rest.substr(0, end == std::string_view::npos ? end : end + 1));
    rest.remove_prefix(out.back().size());
  }
  return out;
}

std::string valid_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

}  // namespace loadstone
