#pragma once
// Tab-separated text with a header line and without quote characters: a tab always ends a cell, a line end a row.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loadstone {

class TsvTable {
 public:
  // `text` has to outlive the table. Throws Error(data) if there is no header.
  TsvTable(std::string file, std::string_view text);
  const std::string& file() const { return file_; }
  size_t columns() const { return names_.size(); }
  size_t column(std::string_view name) const;  // throws Error(data) that names the columns there are
  std::optional<size_t> find(std::string_view name) const;
  // The rows, cut at line ends into pieces of about so many bytes.
  std::vector<std::string_view> pieces(size_t bytes) const;

 private:
  std::string file_;
  std::vector<std::string_view> names_;
  std::string_view rows_;
};

std::string_view trimmed(std::string_view text);  // without blanks and carriage returns at both ends

// Cuts the next line off `text` (without its line end).
std::string_view take_line(std::string_view& text);
// Cells of a line; returns how many there are. Those beyond cells.size() are counted, not stored.
size_t split_cells(std::string_view line, std::span<std::string_view> cells);

// The text itself if it is UTF-8; otherwise its bytes over 0x7F read as Latin-1.
std::string valid_utf8(std::string_view text);

}  // namespace loadstone
