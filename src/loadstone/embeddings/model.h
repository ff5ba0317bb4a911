#pragma once
// An embedding model as a study sees it.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "loadstone/data/table.h"
#include "loadstone/embeddings/quarter_view.h"

namespace loadstone {

// What a fit leaves open of neighbouring columns of X: what aligning may choose, so that they compare with those of
// other quarters.
enum class Freedom {
  rotation,         // X Q predicts the same for any orthogonal Q
  order_and_signs,  // of columns
  none,             // a column has a meaning of its own, the same in every quarter
  redrawn           // each quarter's are independent of every other's: never comparable
};
struct ColumnBlock {
  Freedom freedom;
  int64_t columns;
};

// Vectors of one quarter. Assets and investors without observations are absent.
struct QuarterVectors {
  Date quarter, known_at;                      // known_at: when all that went into them could be read
  std::vector<int32_t> assets, investors;      // (n), (m) numbers in the dictionaries of Holdings, increasing
  at::Tensor X, Lambda;                        // (n, K), (m, K) double; m = 0 where a model has no vectors of investors
  at::Tensor asset_effects, investor_effects;  // (n), (m) in units of the measure; NaN where a model has none
  std::vector<ColumnBlock> blocks;             // of X, side by side; empty: one that may be rotated
  at::Tensor outputs;  // (n, K) double, by which a word model predicts assets, if not by X; otherwise undefined
  double r2 = 0;       // of the cells that were fitted; NaN where a model fits none
  double share = std::numeric_limits<double>::quiet_NaN();  // mean square of x_a'lambda_i over the cells' variance
  double violation = 0;        // of the chosen start, where a model has an L1 penalty: embedding.h
  int64_t alone = 0;           // portfolios of one asset, in which a word model finds no neighbours
  bool converged = true;       // every start of an iterative fit
  int64_t iterations = 0;      // of the chosen start
  std::vector<double> starts;  // objectives reached, by start
  // Of the candidates `ridges`; NaN where a model has none.
  double ridge = std::numeric_limits<double>::quiet_NaN();
};

// The blocks, written out; their columns add up to K. Throws Error(task) if they do not.
std::vector<ColumnBlock> blocks_of(const QuarterVectors& vectors);

bool any_redrawn(const std::vector<ColumnBlock>& blocks);

class EmbeddingModel {
 public:
  virtual ~EmbeddingModel() = default;
  virtual QuarterVectors fit(const QuarterView& view) const = 0;

  // The same where `warm_start` is set: the first start begins at vectors that the model gave the quarter before.
  QuarterVectors fit_from(const QuarterView& view, const QuarterVectors& before) const;

  // Throws Error(usage or data) if fit(view) could not but fail: asked of the first quarter before any task.
  virtual void check(const QuarterView&) const {}

  // Columns of X. The default asks a fit.
  virtual int64_t width(const QuarterView& view) const;

  // Whether effects and x_a'lambda_i add up to a prediction of log holdings.
  virtual bool predicts_log_holdings() const { return false; }

  // (m, V) how much each investor's portfolio calls for each asset of the vocabulary, in any increasing unit: what
  // held-out and next quarter's positions are ranked by. The default is effect + x_a'lambda_i, for models that have
  // vectors of investors, otherwise the cosine of x_a and the mean of the assets that the investor holds (columns of X
  // standardised).
  virtual at::Tensor position_scores(const QuarterView& view, const QuarterVectors& fit) const;

 private:
  // Models that have no such start refuse `warm_start` in check().
  virtual QuarterVectors warm_fit(const QuarterView& view, const QuarterVectors& before) const;
};

// (V, K) rows of `of` (n, K), which stand for before.assets, at the places of these assets in the view's vocabulary;
// NaN for the others.
at::Tensor earlier_vectors(const QuarterView& view, const QuarterVectors& before, const at::Tensor& of);

// Throws Error(usage) if the scope has `warm_start`; `because` says why there is none.
void refuse_warm_start(const EmbeddingScope& scope, const std::string& because);

// A row for each asset and investor: kind, number, key, date, known_at, effect, vector; r2, convergence, objectives and
// blocks of columns in the metadata. Reading needs no dictionary.
Table vectors_table(const QuarterVectors& vectors, const Holdings& names);
QuarterVectors read_vectors(const Table& table);

}  // namespace loadstone
