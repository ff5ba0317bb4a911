#include "loadstone/pricing/training_tables.h"

#include <fmt/format.h>

#include <cmath>

#include "loadstone/experiment/chart.h"
#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

// Means by epoch over fits and seeds that have a loss in it.
class Curve {
 public:
  void add(int64_t epoch, double loss) {
    if (std::isnan(loss)) return;
    const auto position = static_cast<size_t>(epoch - 1);
    if (sum_.size() <= position) sum_.resize(position + 1), count_.resize(position + 1);
    sum_[position] += loss, ++count_[position];
  }
  Line line(const std::string& name) const {
    Line out{name, {}, {}};
    for (size_t e = 0; e < sum_.size(); ++e)
      if (count_[e] > 0)
        out.x.push_back(static_cast<double>(e + 1)), out.y.push_back(sum_[e] / static_cast<double>(count_[e]));
    return out;
  }

 private:
  std::vector<double> sum_;
  std::vector<int64_t> count_;
};

}  // namespace

void add_loss_curves(Summary& summary, const Outcomes& outcomes, const Inputs& results) {
  std::vector<Line> lines;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!is_network(outcome.model.type)) continue;
    Curve training, validation;
    for (const std::string& task : outcome.tasks) {
      const Table table = results.more(task, "training");
      for (size_t i = 0; i < table.rows(); ++i) {
        training.add(table.integers("epoch")[i], table.doubles("loss")[i]);
        validation.add(table.integers("epoch")[i], table.doubles("validation_loss")[i]);
      }
    }
    for (Line& line :
         std::vector<Line>{training.line(outcome.model.name), validation.line(outcome.model.name + ", validation")})
      if (!line.x.empty() && lines.size() < most_lines) lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  summary.figures.push_back(
      {"loss_curves", "Loss of networks by epoch",
       fmt::format("Mean over all fits and seeds of what each month's loss was when its step was taken; on validation "
                   "months, at the end of the epoch. At most {} curves. The curves of each fit and seed are in "
                   "results/*.training.parquet.",
                   most_lines),
       line_chart(lines, {"epoch"}, {"loss"}, "")});
}

}  // namespace loadstone
