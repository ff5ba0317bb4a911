#pragma once
// The study `pricing`: stochastic discount factors, fitted in rolling windows, tested out of sample (Kelly, Kuznetsov,
// Malamud and Xu 2024, section 4).
//
//   moments (blocks of months) ──▶ panel models (blocks of months) ──▶ tables, figures
//   panel ──▶ random features (a chain of blocks) ───────────────────▶
//   panel ──▶ networks (a task for each fit; a chain if they start warm) ▶
//   factors ──▶ tangency ────────────────────────────────────────────▶

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loadstone/data/factor_table.h"
#include "loadstone/data/panel.h"
#include "loadstone/experiment/study.h"
#include "loadstone/pricing/config.h"

namespace loadstone {

// [data]: the panel (opened, imported or simulated) and named factor tables.
struct PricingData {
  std::optional<Panel> panel;
  std::map<std::string, FactorTable> factors;
  std::filesystem::path truth;  // of a simulated economy; empty otherwise
  nlohmann::json resolved = nlohmann::json::object();
  nlohmann::json hashes = nlohmann::json::object();
  nlohmann::json notes = nlohmann::json::object();  // what the importers kept, dropped and assumed
};

// `base` is the folder that relative paths start from; a panel that has to be imported or simulated becomes a store in
// `data_folder`, once.
PricingData load_pricing_data(const nlohmann::json& data, const std::filesystem::path& base,
                              const std::filesystem::path& data_folder, int64_t seed);

// One [[model]], resolved.
struct PlannedModel {
  std::string name, type;
  std::string paper;  // its name in the paper's table 1, whose figures are shown beside ours; may be empty
  ModelScope scope;
  nlohmann::json parameters;  // fields of its type
};

// Whether a model of the panel is fitted within a size group.
bool uses_size_groups(const std::vector<PlannedModel>& models);

class PricingStudy : public Study {
 public:
  PricingStudy(const nlohmann::json& experiment, const std::filesystem::path& base,
               const std::filesystem::path& data_folder);

  nlohmann::json resolved() const override;
  nlohmann::json data_hashes() const override { return data_.hashes; }
  std::vector<Task> plan() const override;
  Result run(const Task& task, const Inputs& inputs) const override;
  Summary summarise(const std::vector<Task>& tasks, const Inputs& results) const override;

 private:
  int64_t seed_;
  std::string title_;
  BacktestConfig backtest_;
  EvaluationConfig evaluation_;
  PricingData data_;
  std::vector<PlannedModel> models_;
};

}  // namespace loadstone
