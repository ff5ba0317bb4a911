#include "loadstone/embeddings/ranking.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {
namespace {

constexpr int8_t candidate = 0, hidden_one = 1, held = 2;

// (V) what each asset of the vocabulary is to an investor.
class Roles {
 public:
  Roles(const std::vector<int32_t>& vocabulary, const HoldingsQuarter& known, const std::vector<Position>& hidden)
      : vocabulary_(vocabulary), known_(known), hidden_(hidden) {
    std::sort(hidden_.begin(), hidden_.end(),
              [](const Position& a, const Position& b) { return a.investor < b.investor; });
  }

  std::vector<int8_t> of(int32_t investor) const {
    std::vector<int8_t> out(vocabulary_.size(), candidate);
    const auto set = [&](const Position& p, int8_t role) {
      const auto place = std::lower_bound(vocabulary_.begin(), vocabulary_.end(), p.asset);
      if (place != vocabulary_.end() && *place == p.asset) out[place - vocabulary_.begin()] = role;
    };
    const auto first = std::lower_bound(hidden_.begin(), hidden_.end(), investor,
                                        [](const Position& p, int32_t i) { return p.investor < i; });
    for (auto p = first; p != hidden_.end() && p->investor == investor; ++p) set(*p, hidden_one);
    for (const Position& p : known_.of_investor(investor)) set(p, held);
    return out;
  }

 private:
  const std::vector<int32_t>& vocabulary_;
  const HoldingsQuarter& known_;
  std::vector<Position> hidden_;
};

struct Candidate {
  double score;
  bool hidden;
};

// By decreasing score.
std::vector<Candidate> candidates(const double* scores, const std::vector<int8_t>& roles) {
  std::vector<Candidate> out;
  for (size_t v = 0; v < roles.size(); ++v)
    if (roles[v] != held) out.push_back({std::isnan(scores[v]) ? -HUGE_VAL : scores[v], roles[v] == hidden_one});
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  return out;
}

// Pairs in the right order, ties half, over all pairs.
double area(const std::vector<Candidate>& sorted, double hidden) {
  double above = 0, right = 0;  // hidden ones with a higher score than the group's
  for (size_t first = 0, last = 0; first < sorted.size(); first = last) {
    double found = 0, others = 0;
    for (; last < sorted.size() && sorted[last].score == sorted[first].score; ++last)
      (sorted[last].hidden ? found : others) += 1;
    right += others * (above + 0.5 * found);
    above += found;
  }
  return right / (hidden * (static_cast<double>(sorted.size()) - hidden));
}

// The share found among the first; those that tie with the last place count in proportion.
double recall(const std::vector<Candidate>& sorted, double hidden, int64_t first) {
  const auto room = static_cast<double>(std::min<int64_t>(first, static_cast<int64_t>(sorted.size())));
  double taken = 0, found = 0;
  for (size_t begin = 0, end = 0; begin < sorted.size() && taken < room; begin = end) {
    double in_group = 0, size = 0;
    for (; end < sorted.size() && sorted[end].score == sorted[begin].score; ++end)
      size += 1, in_group += sorted[end].hidden ? 1 : 0;
    found += in_group * std::min(1.0, (room - taken) / size);
    taken += size;
  }
  return found / std::min(hidden, room);
}

// (I, V) 1 where an investor holds an asset.
at::Tensor holds(const HoldingsQuarter& known, const std::vector<int32_t>& vocabulary, int64_t investors) {
  at::Tensor out = at::zeros({investors, static_cast<int64_t>(vocabulary.size())}, at::kDouble);
  auto* to = out.mutable_data_ptr<double>();
  for (const Position& p : known.positions) {
    const auto place = std::lower_bound(vocabulary.begin(), vocabulary.end(), p.asset);
    if (place != vocabulary.end() && *place == p.asset)
      to[p.investor * out.size(1) + (place - vocabulary.begin())] = 1.0;
  }
  return out;
}

}  // namespace

RankingMeasures ranking_measures(const at::Tensor& scores, const std::vector<int32_t>& investors,
                                 const std::vector<int32_t>& vocabulary, const HoldingsQuarter& known,
                                 const std::vector<Position>& hidden, int64_t first) {
  const Roles roles(vocabulary, known, hidden);
  const at::Tensor values = scores.contiguous();
  std::vector<double> areas, recalls;
  for (size_t i = 0; i < investors.size(); ++i) {
    const std::vector<int8_t> role = roles.of(investors[i]);
    const auto to_find = static_cast<double>(std::count(role.begin(), role.end(), hidden_one));
    if (to_find == 0 || std::find(role.begin(), role.end(), candidate) == role.end()) continue;
    const auto sorted = candidates(values.const_data_ptr<double>() + static_cast<int64_t>(i) * values.size(1), role);
    areas.push_back(area(sorted, to_find));
    recalls.push_back(recall(sorted, to_find, first));
  }
  const MeanError auc = mean_error(areas), found = mean_error(recalls);
  return {auc.mean, found.mean, auc.error, found.error, static_cast<int64_t>(areas.size())};
}

void add_ranking(std::vector<Score>& out, const RankingMeasures& measures, Date date) {
  if (measures.investors == 0) return;
  out.push_back({date, "which", "AUC", measures.auc, measures.auc_error});
  out.push_back({date, "which", "recall at 20", measures.recall, measures.recall_error});
}

std::vector<int32_t> investors_of(const HoldingsQuarter& quarter) {
  std::vector<int32_t> out;
  for (size_t i = 0; i + 1 < quarter.investor_start.size(); ++i)
    if (quarter.investor_start[i] < quarter.investor_start[i + 1]) out.push_back(static_cast<int32_t>(i));
  return out;
}

at::Tensor popularity_scores(const HoldingsQuarter& known, const std::vector<int32_t>& investors,
                             const std::vector<int32_t>& vocabulary) {
  const auto I = static_cast<int64_t>(known.investor_start.size()) - 1;
  return holds(known, vocabulary, I).sum(0).expand({static_cast<int64_t>(investors.size()), -1}).contiguous();
}

at::Tensor similar_investors_scores(const HoldingsQuarter& known, const std::vector<int32_t>& investors,
                                    const std::vector<int32_t>& vocabulary, int64_t voters,
                                    const std::vector<int32_t>& group) {
  const auto I = static_cast<int64_t>(known.investor_start.size()) - 1;
  const at::Tensor H = holds(known, vocabulary, I);
  at::Tensor out = at::zeros({static_cast<int64_t>(investors.size()), H.size(1)}, at::kDouble);
  const at::Tensor breadth = H.sum(1).sqrt();
  for (size_t k = 0; k < investors.size(); ++k) {
    const int32_t i = investors[k];
    at::Tensor cosine = H.mv(H[i]) / (breadth * breadth[i]).clamp_min(1e-300);
    auto* c = cosine.mutable_data_ptr<double>();
    for (int64_t j = 0; j < I; ++j)
      if (j == i || (!group.empty() && group[j] == group[i])) c[j] = 0.0;
    std::vector<int64_t> order(static_cast<size_t>(I));
    std::iota(order.begin(), order.end(), int64_t{0});
    const auto most = std::min(voters, I);
    std::partial_sort(order.begin(), order.begin() + most, order.end(),
                      [&](int64_t a, int64_t b) { return c[a] != c[b] ? c[a] > c[b] : a < b; });
    for (int64_t v = 0; v < most; ++v) out[static_cast<int64_t>(k)] += c[order[v]] * H[order[v]];
  }
  return out;
}

}  // namespace loadstone
