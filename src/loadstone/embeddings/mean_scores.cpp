#include "loadstone/embeddings/mean_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

// Scores of one date, several where there are splits.
using ByDate = std::map<Date, std::vector<Score>>;

MeanError of_date(const std::vector<Score>& scores, double test_share) {
  if (scores.size() == 1) return {scores[0].value, scores[0].error};
  std::vector<double> values;
  for (const Score& score : scores) values.push_back(score.value);
  return error_over_splits(values, test_share);
}

MeanScore over_dates(const ByDate& scores, double test_share) {
  MeanScore out;
  out.dates = static_cast<int64_t>(scores.size());
  std::vector<double> values;
  int64_t overlap = 0;
  for (const auto& [date, of] : scores) {
    values.push_back(of_date(of, test_share).mean);
    overlap = std::max(overlap, of.front().overlap);
  }
  if (out.dates == 1) {
    out.value = values[0];
    out.error = of_date(scores.begin()->second, test_share).error;
    return out;
  }
  out.lag = std::min(std::max(newey_west_lag(out.dates), overlap), out.dates - 1);
  const Estimate mean = newey_west_mean_of_few(values, out.lag);
  out.value = mean.value;
  out.error = mean.std_error;
  return out;
}

std::string range(int64_t low, int64_t high) {
  return low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high);
}

}  // namespace

std::vector<MeanScore> mean_scores(const std::string& task, const std::vector<ModelScores>& all, double test_share) {
  std::vector<MeanScore> out;
  for (const ModelScores& of : all) {
    std::vector<std::pair<std::string, std::string>> keys;  // in order of first appearance
    std::map<std::pair<std::string, std::string>, ByDate> scores;
    for (const Score& score : of.scores) {
      if (std::isnan(score.value)) continue;
      const std::pair key{score.sample, score.metric};
      if (!scores.contains(key)) keys.push_back(key);
      scores[key][score.date].push_back(score);
    }
    for (const auto& key : keys) {
      out.push_back(over_dates(scores[key], test_share));
      out.back().model = of.model;
      out.back().task = task;
      out.back().sample = key.first;
      out.back().metric = key.second;
    }
  }
  return out;
}

std::string note_on_errors(const std::vector<MeanScore>& means) {
  const std::string own =
      "standard errors are over assets, investors or quarters, or over random splits by Nadeau and Bengio (2003), "
      "sd sqrt(1 / splits + test / training)";
  std::vector<MeanScore> several;
  std::ranges::copy_if(means, std::back_inserter(several), [](const MeanScore& one) { return one.dates > 1; });
  if (several.empty()) return fmt::format("One date; {}.", own);
  const auto [fewest, most] = std::ranges::minmax(several, {}, &MeanScore::dates);
  const auto [shortest, longest] = std::ranges::minmax(several, {}, &MeanScore::lag);
  return fmt::format(
      "Means over {} dates with Newey-West standard errors, lag {}, scaled to be right on average over so few "
      "independent dates; none for two dates.{}",
      range(fewest.dates, most.dates), range(shortest.lag, longest.lag),
      several.size() < means.size() ? fmt::format(" Of what has one date {}.", own) : "");
}

}  // namespace loadstone
