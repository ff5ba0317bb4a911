#include "loadstone/embeddings/word_models.h"

#include <ATen/TensorOperators.h>

#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/newest_vectors.h"
#include "loadstone/embeddings/position_scores.h"
#include "loadstone/embeddings/word_training.h"

namespace loadstone {
namespace {

constexpr auto all_alike = "word models weigh all investors and quarters alike";
constexpr int threads = 1;  // tasks run side by side

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
  if (config_.matrices == "two") out.outputs = rows_of(assets.outputs, rows_with_vectors(assets.vectors));
  out.iterations = static_cast<int64_t>(assets.loss.size());
  out.starts = {assets.loss.back()};
  out.alone = assets.alone;
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
  out.alone = assets.alone;
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
