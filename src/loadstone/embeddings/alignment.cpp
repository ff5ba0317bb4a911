#include "loadstone/embeddings/alignment.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "loadstone/embeddings/neighbours.h"

namespace loadstone {
namespace {

// X of the assets that both have.
struct Common {
  at::Tensor before, after;  // (n, K)
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

void align_to_earlier(std::vector<QuarterVectors>& fits) {
  for (size_t q = 1; q < fits.size(); ++q) {
    const auto [before, now] = common_assets(fits[q - 1], fits[q]);
    if (now.size(0) < now.size(1)) continue;
    const at::Tensor Q = procrustes(now, before);
    fits[q].X = fits[q].X.mm(Q);
    fits[q].Lambda = fits[q].Lambda.mm(Q);
    if (fits[q].outputs.defined()) fits[q].outputs = fits[q].outputs.mm(Q);
  }
}

Stability stability(const at::Tensor& A, const at::Tensor& B, int64_t k) {
  const int64_t n = A.size(0), nearest_of = std::min(k, n - 1);
  const at::Tensor lengths = at::linalg_vector_norm(A, 2, 1) * at::linalg_vector_norm(B, 2, 1);
  return {1.0 - squared_length(B - A) / squared_length(B - B.mean(0)),
          ((A * B).sum(1) / lengths.clamp_min(1e-300)).mean().item<double>(), neighbours_kept(A, B, nearest_of),
          static_cast<double>(nearest_of) / static_cast<double>(n - 1)};
}

std::string stability_why_not(const EmbeddingsData& data) {
  return data.holdings.quarters.size() > 1 ? "" : "there is one quarter";
}

std::vector<Score> stability_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<QuarterVectors> aligned = fits;
  align_to_earlier(aligned);
  std::vector<Score> out;
  for (size_t q = 1; q < aligned.size(); ++q) {
    const auto [before, now] = common_assets(aligned[q - 1], aligned[q]);
    if (now.size(0) < std::max<int64_t>(now.size(1), 3)) continue;
    const Stability found = stability(before, now, inputs.config.neighbours);
    const Date date = aligned[q].quarter;
    const auto add = [&](const char* sample, const char* metric, double value) {
      out.push_back({date, sample, metric, value, std::nan("")});
    };
    add("aligned vectors", "R2", found.r2);
    add("aligned vectors", "mean cosine", found.cosine);
    add("neighbours", "kept", found.kept);
    add("neighbours", "chance", found.chance);
  }
  return out;
}

}  // namespace loadstone
