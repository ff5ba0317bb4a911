// LaTeX of tables: escapes and layout.
#include "loadstone/report/latex.h"

#include <gtest/gtest.h>

#include <cmath>

namespace loadstone {
namespace {

TEST(Latex, escapes_every_special_character) {
  EXPECT_EQ(latex_text("R&D 5% of $1 #1 a_b {x} ~ ^ \\ < > |"),
            "R\\&D 5\\% of \\$1 \\#1 a\\_b \\{x\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{} "
            "\\textless{} \\textgreater{} \\textbar{}");
  EXPECT_EQ(latex_text("−1.5 – ∞ é"), "$-$1.5 -- $\\infty$ é");
}

TEST(Latex, table_has_groups_units_missing_cells_and_notes) {
  Table table;
  table.add("model", std::vector<std::string>{"FF6", "a_b & c"});
  table.add("ours", std::vector<double>{1.0127, -0.5});
  table.add("se", std::vector<double>{0.13, 0.2});
  table.add("paper", std::vector<double>{1.05, std::nan("")});
  const nlohmann::json format{
      {"model", {{"label", "Model"}}},
      {"ours", {{"format", "0.00"}, {"label", "Sharpe"}, {"group", "loadstone"}}},
      {"se", {{"format", "(0.00)"}, {"label", "s.e."}, {"group", "loadstone"}}},
      {"paper", {{"format", "0.00"}, {"label", "Sharpe"}, {"unit", "a year"}, {"group", "paper"}}}};
  const ReportTable report{"performance", "Performance", "At 15 % volatility.", table, format, "Lag 6."};
  EXPECT_EQ(latex_table(report, format_cells(report)), R"(% \usepackage{booktabs}
\begin{table}[htbp]
\centering
\caption{\textbf{Performance}. At 15 \% volatility.}
\label{tab:performance}
\begin{tabular}{lrrr}
\toprule
\multicolumn{1}{c}{} & \multicolumn{2}{c}{loadstone} & \multicolumn{1}{c}{paper} \\
\cmidrule(lr){2-3}\cmidrule(lr){4-4}
Model & Sharpe & s.e. & Sharpe (a year) \\
\midrule
FF6 & 1.01 & (0.13) & 1.05 \\
a\_b \& c & $-$0.50 & (0.20) & -- \\
\bottomrule
\end{tabular}
\par\smallskip
{\footnotesize Lag 6.}
\end{table}
)");
}

TEST(Latex, table_without_groups_captions_and_notes_stays_plain) {
  Table table;
  table.add("x", std::vector<double>{2});
  const ReportTable report{"t", "T", "", table};
  const std::string latex = latex_table(report, format_cells(report));
  EXPECT_EQ(latex.find("multicolumn"), std::string::npos);
  EXPECT_NE(latex.find("\\caption{\\textbf{T}}\n"), std::string::npos);
  EXPECT_NE(latex.find("\\end{tabular}\n\\end{table}\n"), std::string::npos);
}

}  // namespace
}  // namespace loadstone
