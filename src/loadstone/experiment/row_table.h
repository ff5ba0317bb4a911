#pragma once
// What summaries write tables from.

#include <set>
#include <string>
#include <vector>

#include "loadstone/data/table.h"

namespace loadstone {

// A table that is filled row by row: first its texts, then its numbers.
class RowTable {
 public:
  RowTable(std::vector<std::string> text_names, std::vector<std::string> number_names);
  // Throws Error(task) unless there is one value for each column.
  void add(const std::vector<std::string>& texts, const std::vector<double>& numbers);
  size_t rows() const { return rows_; }
  Table table() const;

 private:
  std::vector<std::string> text_names_, number_names_;
  std::vector<std::vector<std::string>> texts_;
  std::vector<std::vector<double>> numbers_;
  size_t rows_ = 0;
};

// Distinct remarks, one sentence each, for the notes under a table.
class Remarks {
 public:
  void add(const std::string& remark) {
    if (seen_.insert(remark).second) text_ += " " + remark;
  }
  const std::string& text() const { return text_; }  // starts with a space unless empty

 private:
  std::set<std::string> seen_;
  std::string text_;
};

}  // namespace loadstone
