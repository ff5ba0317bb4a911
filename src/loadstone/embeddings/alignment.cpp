#include "loadstone/embeddings/alignment.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/assignment.h"
#include "loadstone/embeddings/neighbours.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// X of the assets that both have.
struct Common {
  at::Tensor before, now;  // (n, K)
};
Common common_assets(const QuarterVectors& before, const QuarterVectors& after) {
  std::vector<int64_t> then, now;
  for (size_t i = 0, j = 0; i < before.assets.size() && j < after.assets.size();) {
    if (before.assets[i] == after.assets[j])
      then.push_back(static_cast<int64_t>(i)), now.push_back(static_cast<int64_t>(j));
    const bool step = before.assets[i] <= after.assets[j];
    j += after.assets[j] <= before.assets[i] ? 1 : 0;
    i += step ? 1 : 0;
  }
  return {before.X.index_select(0, at::tensor(then, at::kLong)), after.X.index_select(0, at::tensor(now, at::kLong))};
}

// What takes the later vectors to the earlier ones.
struct Step {
  at::Tensor Q;         // (K, K) orthogonal, within blocks
  bool aligned = true;  // false: a block began anew
};
Step to_earlier(const Common& common, const std::vector<ColumnBlock>& blocks) {
  Step out{at::eye(common.now.size(1), at::kDouble)};
  int64_t first = 0;
  for (const auto& [freedom, columns] : blocks) {
    const at::Tensor now = common.now.narrow(1, first, columns), before = common.before.narrow(1, first, columns);
    at::Tensor Q = out.Q.narrow(0, first, columns).narrow(1, first, columns);
    first += columns;
    if (freedom == Freedom::none) continue;
    if (now.size(0) < columns)
      out.aligned = false;
    else
      Q.copy_(freedom == Freedom::order_and_signs ? nearest_order(now, before) : procrustes(now, before));
  }
  return out;
}

double squared_length(const at::Tensor& x) { return x.square().sum().item<double>(); }

double neighbours_kept(const at::Tensor& A, const at::Tensor& B, int64_t k) {
  const at::Tensor before = nearest(cosines(A), k), after = nearest(cosines(B), k);
  const auto n = static_cast<size_t>(A.size(0));
  double kept = 0;
  for (size_t i = 0; i < n; ++i) {
    const int64_t* row = before.const_data_ptr<int64_t>() + static_cast<int64_t>(i) * k;
    const std::set<int64_t> then(row, row + k);
    const int64_t* now = after.const_data_ptr<int64_t>() + static_cast<int64_t>(i) * k;
    kept += static_cast<double>(std::count_if(now, now + k, [&](int64_t j) { return then.contains(j); }));
  }
  return kept / static_cast<double>(n) / static_cast<double>(k);
}

}  // namespace

at::Tensor procrustes(const at::Tensor& A, const at::Tensor& B) {
  const auto [U, S, Vt] = at::linalg_svd(A.t().mm(B), false);
  return U.mm(Vt);
}

// |A P - B|^2 = |A|^2 + |B|^2 - 2 tr P'A'B: each column of A goes, with the sign of the product, to one of B.
at::Tensor nearest_order(const at::Tensor& A, const at::Tensor& B) {
  const at::Tensor products = A.t().mm(B).contiguous();
  const std::vector<int64_t> to = best_assignment(products.abs());
  at::Tensor P = at::zeros_like(products);
  for (int64_t k = 0; k < products.size(0); ++k) P[k][to[k]].fill_(products[k][to[k]].item<double>() < 0 ? -1.0 : 1.0);
  return P;
}

bool Alignment::compares() const { return !redrawn && std::ranges::find(anew, true) == anew.end(); }

Alignment align_to_earlier(std::vector<QuarterVectors>& fits) {
  Alignment out{std::vector<bool>(fits.size(), false)};
  for (size_t q = 0; q < fits.size(); ++q) {
    const std::vector<ColumnBlock> blocks = blocks_of(fits[q]);
    out.redrawn = out.redrawn || any_redrawn(blocks);
    if (q == 0) continue;
    const Step step = to_earlier(common_assets(fits[q - 1], fits[q]), blocks);
    out.anew[q] = !step.aligned;
    fits[q].X = fits[q].X.mm(step.Q);
    fits[q].Lambda = fits[q].Lambda.mm(step.Q);
    if (fits[q].outputs.defined()) fits[q].outputs = fits[q].outputs.mm(step.Q);
  }
  return out;
}

Stability stability(const at::Tensor& A, const at::Tensor& B, int64_t k) {
  const int64_t n = A.size(0), nearest_of = std::min(k, n - 1);
  const at::Tensor lengths = at::linalg_vector_norm(A, 2, 1) * at::linalg_vector_norm(B, 2, 1);
  const double spread = dimensions(B) > 0 ? squared_length(B - B.mean(0)) : NaN;
  const double cosine = ((A * B).sum(1) / lengths.clamp_min(1e-300)).mean().item<double>();
  return {1.0 - squared_length(B - A) / spread, lengths.gt(0).any().item<bool>() ? cosine : NaN,
          std::min(dimensions(A), dimensions(B)) > 1 ? neighbours_kept(A, B, nearest_of) : NaN,
          static_cast<double>(nearest_of) / static_cast<double>(n - 1)};
}

std::string stability_why_not(const EmbeddingsData& data) {
  return data.holdings.quarters.size() > 1 ? "" : "there is one quarter";
}

std::vector<Score> stability_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<QuarterVectors> aligned = fits;
  align_to_earlier(aligned);
  if (std::ranges::all_of(fits, [](const QuarterVectors& fit) { return dimensions(fit) == 0; }))
    throw data_error("vectors of assets are all the same in each quarter: they say nothing that could be stable");
  std::vector<Score> out;
  for (size_t q = 1; q < aligned.size(); ++q) {
    const auto [before, now] = common_assets(aligned[q - 1], aligned[q]);
    if (now.size(0) < std::max<int64_t>(now.size(1), 3)) continue;
    if (std::min(dimensions(aligned[q - 1]), dimensions(aligned[q])) == 0) continue;  // they say nothing
    const Stability found = stability(before, now, inputs.config.neighbours);
    const Date date = aligned[q].quarter;
    const auto add = [&](const char* sample, const char* metric, double value) {
      out.push_back({date, sample, metric, value, NaN});
    };
    add("aligned vectors", "R2", found.r2);
    add("aligned vectors", "mean cosine", found.cosine);
    add("neighbours", "kept", found.kept);
    add("neighbours", "chance", std::isnan(found.kept) ? NaN : found.chance);
  }
  return out;
}

}  // namespace loadstone
