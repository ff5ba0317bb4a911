#pragma once
// The study `embeddings`: vectors of assets and investors from holdings, quarter by quarter, and what they are good for
// (Gabaix, Koijen, Richmond and Yogo 2023, sections 2 to 5).
//
//   holdings ──▶ fit (model, quarter) ──▶ benchmark (task, model) ──▶ tables, figures, embeddings/*.parquet
//            ──▶ held out (model, quarter, split) ─────────────────▶

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "loadstone/embeddings/benchmark.h"
#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/embeddings_data.h"
#include "loadstone/experiment/study.h"

namespace loadstone {

// One [[model]], resolved.
struct PlannedEmbedding {
  std::string name, type;
  EmbeddingScope scope;
  nlohmann::json parameters;  // fields of its type
};

// What the sample of a quarter has, and what fell.
struct SampleCounts {
  Date quarter, known_at;
  int64_t assets = 0, investors = 0, cells = 0;       // in the sample
  int64_t all_positions = 0, late = 0;                // of the quarter; filed too late
  int64_t small_assets = 0, assets_without_size = 0;  // fell by the size cut-off
  int64_t rare_assets = 0, narrow_investors = 0;      // fell by the rules of numbers
  int64_t groups = 1;                                 // of investors and assets that share nothing
};

class EmbeddingsStudy : public Study {
 public:
  EmbeddingsStudy(const nlohmann::json& experiment, const std::filesystem::path& base,
                  const std::filesystem::path& data_folder);

  nlohmann::json resolved() const override;
  nlohmann::json data_hashes() const override { return data_.hashes; }
  std::vector<Task> plan() const override;
  // fit: vectors_table(). Others: scores_table(). held_out without a model: its split_table() too, as `split`.
  Result run(const Task& task, const Inputs& inputs) const override;
  Summary summarise(const std::vector<Task>& tasks, const Inputs& results) const override;

 private:
  std::vector<Date> quarters() const;  // those that get an embedding
  // Throws on what no task could do: quarters, a model that the first quarter's data cannot give.
  void check() const;
  void draw_samples();  // throws if one is empty
  // Tasks that the experiment asks for and the data allow; `impossible`: the others, with the reason.
  std::vector<std::string> possible_tasks(std::vector<std::pair<std::string, std::string>>* impossible) const;
  const HoldingsQuarter* quarter_at(Date date) const;  // null: there is none
  QuarterView view(Date quarter) const;
  std::unique_ptr<EmbeddingModel> model_of(const nlohmann::json& task) const;
  Table benchmark(const Benchmark& task, const std::string& model, const std::vector<QuarterVectors>& fits) const;
  // Of the model, or without one of what needs no embedding and the split itself.
  Result held_out(const std::string& name, const EmbeddingModel* model, int64_t split) const;
  std::vector<ModelScores> next_quarter(const std::string& name, const EmbeddingModel* model,
                                        const std::vector<QuarterVectors>& fits) const;

  int64_t seed_;
  std::string title_;
  SampleConfig sample_;
  BenchmarkConfig benchmarks_;
  EmbeddingsData data_;
  std::vector<SampleCounts> samples_;  // by quarter
  std::vector<PlannedEmbedding> models_;
};

}  // namespace loadstone
