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
  std::vector<double> by_chance;  // the difference of each relabelling
  int64_t investors = 0;
};

// (times) random permutations of the numbers of all investors.
std::vector<std::vector<int32_t>> relabellings(size_t investors, int times, uint64_t seed);

// cluster (R): of each row; rows with a negative one, and rows of zeros, take no part. Rows are of different investors,
// and each takes the cluster of the investor to which a permutation sends its own, or, if that one takes no part, of
// the first after it who does; these are random permutations of those who take part, nearly the same in every quarter.
// NaN if there are no pairs of either kind.
OverlapTest overlap_test(const Cells& portfolios, const std::vector<int32_t>& cluster,
                         const std::vector<std::vector<int32_t>>& relabellings);

// (1 + relabellings whose mean difference over the quarters is no smaller) / (1 + relabellings): one p for all
// quarters. Investors keep the clusters they are dealt from quarter to quarter, so that what lasts does not count as
// new evidence.
double p_over_quarters(const std::vector<OverlapTest>& quarters);

// (k) mean excess overlap within each cluster; NaN for clusters of fewer than two rows.
std::vector<double> overlap_by_cluster(const Cells& portfolios, const std::vector<int32_t>& cluster);

// For models with vectors of investors (columns standardised), in `clusters` clusters. Samples "held or not", "by
// value" and, where shares are known, "next quarter's trades": "mean overlap", "excess within less between", and
// dated by the last quarter "p over all quarters". Trades are relative changes of shares (data/holdings_measures.h)
// less the asset's median over investors, so that splits, and what everybody buys, are not crowding; they come after
// the vectors, whereas portfolios are what the vectors were fitted on. Sample "by value": "share in the most crowded",
// the value that the cluster with the highest overlap by value holds. Quarters with no more investors than clusters
// have no scores.
std::vector<Score> crowding_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string crowding_why_not(const EmbeddingsData& data);

}  // namespace loadstone
