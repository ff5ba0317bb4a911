#pragma once
// Tables as readers see them: headings and formatted cells, the same in the page and in LaTeX.

#include <string>
#include <string_view>
#include <vector>

#include "loadstone/experiment/study.h"

namespace loadstone {

// How numbers are shown, as a picture: "0" and "0.00" fix the decimals, "#,##0" groups thousands, "0.0%" multiplies by
// 100, "0.0e" is scientific; text around it is kept, as in "(0.00)".
class NumberFormat {
 public:
  explicit NumberFormat(std::string_view picture);  // throws Error(task) if there is no number in the picture
  // Decimals that suit the largest absolute value: 1234, 123.4, 12.34, 0.123, 1.2e-05.
  static NumberFormat suited_to(const std::vector<double>& values);
  std::string operator()(double value) const;  // with the minus sign U+2212; NaN is an en dash

 private:
  std::string before_, after_;
  int decimals_ = 0;
  bool grouped_ = false, percent_ = false, scientific_ = false;
};

struct Heading {
  std::string label, unit, group;  // columns side by side with the same group share a heading: "loadstone", "paper"
  bool numeric = false;
};
struct Cells {
  std::vector<Heading> headings;
  std::vector<std::vector<std::string>> rows;
};

// Throws Error(task) if `format` names a column or a setting that there is not, or a column holds vectors.
Cells format_cells(const ReportTable& table);

}  // namespace loadstone
