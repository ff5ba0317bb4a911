#include "loadstone/pricing/training_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "loadstone/experiment/chart.h"
#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

// Losses of one fit of one seed by epoch, and of the epoch whose parameters are kept.
struct Fit {
  std::vector<double> training, validation;
  std::optional<size_t> kept;  // none: it diverged
};

// Adds the fits of a task, seed by seed.
void add_fits(std::vector<Fit>& fits, const Table& training) {
  const size_t first = fits.size();
  for (size_t i = 0; i < training.rows(); ++i) {
    const size_t position = first + static_cast<size_t>(training.integers("seed")[i]) - 1;
    if (fits.size() <= position) fits.resize(position + 1);
    Fit& fit = fits[position];
    if (training.integers("kept")[i] == 1) fit.kept = fit.training.size();
    fit.training.push_back(training.doubles("loss")[i]);
    fit.validation.push_back(training.doubles("validation_loss")[i]);
  }
}

// Means by epoch, over the same fits in each: one that has stopped counts with the epoch that it keeps.
Line mean_line(const std::string& name, const std::vector<Fit>& fits, std::vector<double> Fit::*losses) {
  std::vector<const Fit*> kept;
  size_t epochs = 0;
  for (const Fit& fit : fits)
    if (fit.kept && !std::isnan((fit.*losses)[*fit.kept]))
      kept.push_back(&fit), epochs = std::max(epochs, (fit.*losses).size());
  Line out{name, {}, {}};
  for (size_t e = 0; e < epochs; ++e) {
    double sum = 0;
    for (const Fit* fit : kept) {
      const std::vector<double>& own = fit->*losses;
      sum += e < own.size() && !std::isnan(own[e]) ? own[e] : own[*fit->kept];
    }
    out.x.push_back(static_cast<double>(e + 1)), out.y.push_back(sum / static_cast<double>(kept.size()));
  }
  return out;
}

}  // namespace

void add_loss_curves(Summary& summary, const Outcomes& outcomes, const Inputs& results) {
  std::vector<Line> lines;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!is_network(outcome.model.type)) continue;
    std::vector<Fit> fits;
    for (const std::string& task : outcome.tasks) add_fits(fits, results.more(task, "training"));
    for (Line& line : std::vector<Line>{mean_line(outcome.model.name, fits, &Fit::training),
                                        mean_line(outcome.model.name + ", validation", fits, &Fit::validation)})
      if (!line.x.empty() && lines.size() < most_lines) lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  summary.figures.push_back(
      {"loss_curves", "Loss of networks by epoch",
       fmt::format("Mean over all fits and seeds that did not diverge of what each month's loss was when its step was "
                   "taken; on validation months, at the end of the epoch. A fit that stopped early counts from then on "
                   "with the epoch that it keeps. At most {} curves. The curves of each fit and seed are in "
                   "results/*.training.parquet.",
                   most_lines),
       line_chart(lines, {"epoch"}, {"loss"}, "")});
}

}  // namespace loadstone
