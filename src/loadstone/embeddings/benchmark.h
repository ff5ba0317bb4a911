#pragma once
// Benchmark tasks: what vectors of assets and investors are good for (seed 000, section 5). Each is a pair of files;
// the list says what each needs of the data.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loadstone/data/table.h"
#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/embeddings_data.h"
#include "loadstone/embeddings/model.h"

namespace loadstone {

// One number about one model. The same metric of many dates is averaged over them in the report.
struct Score {
  Date date;                   // the quarter of the vectors, or the end of a return
  std::string sample, metric;  // "out of sample", "R2"
  double value = 0;
  double error = 0;     // standard error within the date; NaN where there is none
  int64_t overlap = 0;  // earlier dates whose later returns run into those of this one
};
struct ModelScores {
  std::string model;
  std::vector<Score> scores;
};
// Adds to the entry of that model, which is made if it is not there.
void add_scores(std::vector<ModelScores>& all, const ModelScores& more);
void add_scores(std::vector<ModelScores>& all, const std::vector<ModelScores>& more);

Table scores_table(const std::vector<ModelScores>& scores);  // model, date, sample, metric, value, error, overlap
std::vector<ModelScores> read_scores(const Table& table);

struct BenchmarkInputs {
  const EmbeddingsData& data;
  const SampleConfig& sample;
  const BenchmarkConfig& config;
  uint64_t seed;
};

struct Benchmark {
  std::string name, title, help;
  // Why the data do not allow it; empty if they do.
  std::function<std::string(const EmbeddingsData&)> why_not;
  // fits: one model's vectors of all quarters, by date.
  std::function<std::vector<Score>(const BenchmarkInputs&, const std::vector<QuarterVectors>&)> run;
};
// In the order in which they are reported. `held_out` and `next_quarter` are not among them: they need the model
// itself.
const std::vector<Benchmark>& benchmarks();

std::vector<std::string> task_names();  // of these, held_out and next_quarter

// Mean, and standard error of the mean as if the values were independent; NaN for fewer than two.
struct MeanError {
  double mean, error;
};
MeanError mean_error(const std::vector<double>& values);
// Of values over random splits of one sample, whose parts for training overlap: sd sqrt(1 / splits + test / train)
// (Nadeau and Bengio 2003, equation (9)). test_share: of the sample that each split keeps for the test. More splits do
// not take away the error that the sample has.
MeanError error_over_splits(const std::vector<double>& values, double test_share);

}  // namespace loadstone
