#include "loadstone/embeddings/next_quarter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "loadstone/embeddings/position_scores.h"
#include "loadstone/embeddings/ranking.h"

namespace loadstone {
namespace {

// Positions of the next quarter that this one does not have.
std::vector<Position> entries(const HoldingsQuarter& now, const HoldingsQuarter& next) {
  const auto key = [](const Position& p) { return std::pair(p.investor, p.asset); };
  std::vector<Position> out;
  std::ranges::set_difference(next.positions, now.positions, std::back_inserter(out), {}, key, key);
  return out;
}

}  // namespace

std::vector<Score> next_quarter_scores(const QuarterView& view, const HoldingsQuarter& now, const HoldingsQuarter& next,
                                       const EmbeddingModel& model, const QuarterVectors& fit) {
  std::vector<Score> out;
  add_ranking(out,
              ranking_measures(model.position_scores(view, fit), scored_investors(view, fit), view.vocabulary(), now,
                               entries(now, next), first_places),
              view.quarter());
  return out;
}

std::vector<ModelScores> next_quarter_baselines(const QuarterView& view, const HoldingsQuarter& now,
                                                const HoldingsQuarter& next) {
  const HoldingsQuarter& known = view.positions();
  const std::vector<int32_t> investors = investors_of(known);
  const std::vector<Position> hidden = entries(now, next);
  std::vector<ModelScores> out{{"Popularity", {}}, {"Similar investors", {}}};
  const std::vector<at::Tensor> scores{
      popularity_scores(known, investors, view.vocabulary()),
      similar_investors_scores(known, investors, view.vocabulary(), similar_voters, {})};
  for (size_t k = 0; k < scores.size(); ++k)
    add_ranking(out[k].scores, ranking_measures(scores[k], investors, view.vocabulary(), now, hidden, first_places),
                view.quarter());
  return out;
}

}  // namespace loadstone
