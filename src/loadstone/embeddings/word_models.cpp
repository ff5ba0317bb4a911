#include "loadstone/embeddings/word_models.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <limits>

#include "loadstone/embeddings/position_scores.h"
#include "loadstone/embeddings/word_training.h"

namespace loadstone {
namespace {

constexpr auto all_alike = "word models weigh all investors and quarters alike";
constexpr int threads = 1;  // tasks run side by side
constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// Words that have a vector.
std::vector<int64_t> seen(const at::Tensor& vectors) {
  std::vector<int64_t> out;
  for (int64_t v = 0; v < vectors.size(0); ++v)
    if (!std::isnan(vectors[v][0].item<double>())) out.push_back(v);
  return out;
}

at::Tensor rows_at(const at::Tensor& of, const std::vector<int64_t>& rows) {
  return of.index_select(0, at::tensor(rows, at::kLong)).contiguous();
}

// assets (V, K), rows (R, K): vectors of the words of both transposes; NaN where a word has none.
QuarterVectors newest_vectors(const QuarterView& view, const EmbeddingScope& scope, const Cells& cells,
                              const at::Tensor& assets, const at::Tensor& rows) {
  QuarterVectors out{.quarter = view.quarter(), .known_at = view.known_at(scope), .r2 = NaN};
  const std::vector<int64_t> asset = seen(assets);
  std::vector<int64_t> row;
  for (const int64_t r : seen(rows))
    if (cells.rows[static_cast<size_t>(r)].quarter == view.quarter()) row.push_back(r);
  for (const int64_t v : asset) out.assets.push_back(view.vocabulary()[static_cast<size_t>(v)]);
  for (const int64_t r : row) out.investors.push_back(cells.rows[static_cast<size_t>(r)].investor);
  out.X = rows_at(assets, asset);
  out.Lambda = rows_at(rows, row);
  out.asset_effects = at::full({out.X.size(0)}, NaN, at::kDouble);
  out.investor_effects = at::full({out.Lambda.size(0)}, NaN, at::kDouble);
  return out;
}

}  // namespace

QuarterVectors Word2VecModel::fit(const QuarterView& view) const { return fit_at(view, {}); }

QuarterVectors Word2VecModel::warm_fit(const QuarterView& view, const QuarterVectors& before) const {
  WordStart begin{.vectors = earlier_vectors(view, before, before.X), .outputs = {}};
  if (before.outputs.defined()) begin.outputs = earlier_vectors(view, before, before.outputs);
  return fit_at(view, begin);
}

// Vectors of investors begin at random in each quarter.
QuarterVectors Word2VecModel::fit_at(const QuarterView& view, const WordStart& begin) const {
  const Cells cells = view.cells(scope_);
  const WordVectors assets = fit_word2vec(portfolios_of(cells), config_, threads, begin);
  const WordVectors owners = fit_word2vec(owners_of(cells), config_, threads);
  QuarterVectors out = newest_vectors(view, scope_, cells, assets.vectors, owners.vectors);
  if (config_.matrices == "two") out.outputs = rows_at(assets.outputs, seen(assets.vectors));
  out.iterations = static_cast<int64_t>(assets.loss.size());
  out.starts = {assets.loss.back()};
  out.converged = assets.converged && owners.converged;
  return out;
}

void Word2VecModel::check(const QuarterView& view) const {
  refuse_weights(scope_, all_alike);
  const Cells cells = view.cells(scope_);
  for (const Portfolios& portfolios : {portfolios_of(cells), owners_of(cells)}) word_training(portfolios, config_.K);
}

at::Tensor Word2VecModel::position_scores(const QuarterView& view, const QuarterVectors& fit) const {
  const at::Tensor held = mean_of_held(view, fit, fit.X);
  return in_vocabulary(view, fit, held.mm((fit.outputs.defined() ? fit.outputs : fit.X).t()));
}

QuarterVectors GloveModel::fit(const QuarterView& view) const {
  const Cells cells = view.cells(scope_);
  const GloveVectors assets = fit_glove(portfolios_of(cells), config_, threads);
  const GloveVectors owners = fit_glove(owners_of(cells), config_, threads);
  QuarterVectors out = newest_vectors(view, scope_, cells, assets.vectors, owners.vectors);
  out.iterations = static_cast<int64_t>(assets.descent.objective.size());
  out.starts = {assets.descent.objective.back()};
  out.converged = assets.descent.converged && owners.descent.converged;
  return out;
}

void GloveModel::check(const QuarterView& view) const {
  refuse_warm_start(scope_,
                    "vectors of GloVe are sums of two matrices, and the sums alone are known of the quarter before");
  refuse_weights(scope_, all_alike);
  const Cells cells = view.cells(scope_);
  for (const Portfolios& portfolios : {portfolios_of(cells), owners_of(cells)}) check_glove(portfolios, config_);
}

at::Tensor GloveModel::position_scores(const QuarterView& view, const QuarterVectors& fit) const {
  return likeness_scores(view, fit);
}

}  // namespace loadstone
