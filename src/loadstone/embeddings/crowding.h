#pragma once
// Crowding: investors with like vectors in clusters, and whether those of one cluster hold and trade the same (seed
// 000, section 6.5: "the clustering in different styles of investing").

#include <cstdint>
#include <vector>

#include "loadstone/data/cells.h"
#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// The overlap of two investors is the cosine of their rows. Broad portfolios overlap more than narrow ones whatever is
// in them, and all share the popular assets: the excess overlap is the cosine of what is left of the rows when their
// projection on the mean row (of rows of length 1) is taken away. Relabelling deals the clusters out anew at random,
// their sizes kept.
struct OverlapTest {
  double all = 0;         // mean overlap over all pairs of investors
  double difference = 0;  // mean excess overlap of the pairs within a cluster less that of the pairs between clusters
  double error = 0;       // standard deviation of the difference over relabellings
  double p = 0;           // (1 + relabellings with no smaller difference) / (1 + relabellings)
  int64_t investors = 0;
};

// cluster (R): of each row; rows with a negative one, and rows of zeros, take no part. NaN if there are no pairs of
// either kind.
OverlapTest overlap_test(const Cells& portfolios, const std::vector<int32_t>& cluster, int relabellings, uint64_t seed,
                         Date date);

// (k) mean excess overlap within each cluster; NaN for clusters of fewer than two rows.
std::vector<double> overlap_by_cluster(const Cells& portfolios, const std::vector<int32_t>& cluster);

// For models with vectors of investors (columns standardised), in `clusters` clusters. Samples "held or not", "by
// value" and, where shares are known, "next quarter's trades": "mean overlap", "excess within less between", "p".
// Trades are relative changes of shares (data/holdings_measures.h) less the asset's mean over investors, so that
// splits, and what everybody buys, are not crowding; they come after the vectors, whereas portfolios are what the
// vectors were fitted on. Sample "by value": "share in the most crowded", the value that the cluster with the highest
// overlap by value holds. Quarters with no more investors than clusters have no scores.
std::vector<Score> crowding_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string crowding_why_not(const EmbeddingsData& data);

}  // namespace loadstone
