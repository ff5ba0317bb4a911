// Nothing that a pricing study says of time t or earlier may move when data after t do. The panel is written twice, the
// second time with everything after a cut date changed (noise, permutation, deletion); the outputs up to the cut must
// keep every bit. Two planted leaks show that the test can fail.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>

#include "loadstone/core/random.h"
#include "loadstone/data/panel.h"
#include "loadstone/experiment/runner.h"
#include "loadstone/pricing/study.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int months = 40, assets = 30, D = 4, window = 12;

// One month of raw data: what a source would deliver.
struct RawMonth {
  std::vector<std::string> assets;
  std::vector<float> returns, market_equity;  // the return is over the month after
  std::vector<std::vector<float>> X;          // (D) columns
};

std::vector<RawMonth> raw_data() {
  std::vector<RawMonth> data(months);
  for (int t = 0; t < months; ++t) {
    Stream stream(3, "lookahead", t);
    RawMonth& month = data[static_cast<size_t>(t)];
    month.X.resize(D);
    for (int i = 0; i < assets - t % 5; ++i) {
      month.assets.push_back("A" + std::to_string(100 + i));
      for (auto& column : month.X) column.push_back(static_cast<float>(stream.normal()));
      month.returns.push_back(
          static_cast<float>(0.02 * stream.normal() + 0.01 * static_cast<double>(month.X[1].back())));
      month.market_equity.push_back(static_cast<float>(std::exp(stream.normal())));
    }
  }
  return data;
}

// Changes everything that is known only after the end of month `cut`: rows after it, and its own return (over cut + 1).
using Change = std::function<void(RawMonth&, Stream&, bool rows)>;

void noise(RawMonth& month, Stream& stream, bool rows) {
  for (float& r : month.returns) r += static_cast<float>(5.0 * stream.normal());
  if (!rows) return;
  for (auto& column : month.X)
    for (float& x : column) x += static_cast<float>(100.0 * stream.normal());
  for (float& m : month.market_equity) m *= static_cast<float>(std::exp(stream.normal()));
}

void permutation(RawMonth& month, Stream& stream, bool rows) {
  const auto shuffle = [&](std::vector<float>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[stream.below(i)]);
  };
  shuffle(month.returns);
  if (!rows) return;
  for (auto& column : month.X) shuffle(column);
  shuffle(month.market_equity);
}

void deletion(RawMonth& month, Stream& stream, bool rows) {
  if (!rows) {
    for (float& r : month.returns)
      if (stream.uniform() < 0.5) r = NAN;
    return;
  }
  const size_t keep = month.assets.size() / 2;
  month.assets.resize(keep), month.returns.resize(keep), month.market_equity.resize(keep);
  for (auto& column : month.X) column.resize(keep);
}

std::vector<RawMonth> changed_after(std::vector<RawMonth> data, int cut, const Change& change) {
  for (int t = cut; t < months; ++t) {
    Stream stream(11, "change", t, cut);
    change(data[static_cast<size_t>(t)], stream, t > cut);
  }
  return data;
}

// Builds the characteristics of a panel from raw data: honest, or with a leak.
using Builder = std::function<std::vector<std::vector<float>>(const std::vector<RawMonth>&, size_t t)>;

std::vector<std::vector<float>> honest(const std::vector<RawMonth>& data, size_t t) { return data[t].X; }

// Leak 1: one "characteristic" is the sign of the return that is to be earned.
std::vector<std::vector<float>> next_return(const std::vector<RawMonth>& data, size_t t) {
  auto X = data[t].X;
  for (size_t i = 0; i < X[0].size(); ++i) X[0][i] = data[t].returns[i] > 0 ? 1.0F : -1.0F;
  return X;
}

// Leak 2: characteristics are standardised by their mean over the whole sample, as preprocessing before a split does.
std::vector<std::vector<float>> full_sample_mean(const std::vector<RawMonth>& data, size_t t) {
  auto X = data[t].X;
  for (size_t k = 0; k < X.size(); ++k) {
    double sum = 0;
    double count = 0;
    for (const RawMonth& month : data)
      for (const float x : month.X[k]) sum += static_cast<double>(x), ++count;
    for (float& x : X[k]) x = std::abs(x - static_cast<float>(sum / count));
  }
  return X;
}

Date date_of(int t) { return Date::month_end(2001 + t / 12, static_cast<unsigned>(t % 12) + 1); }

// Some assets are mega, but none in every seventh month.
std::vector<int8_t> size_groups(int t, size_t count) {
  std::vector<int8_t> groups(count, 2);
  for (size_t i = 0; i < count && t % 7 != 0; i += 3) groups[i] = 4;
  return groups;
}

void write_store(const std::vector<RawMonth>& data, const Builder& build, const fs::path& store) {
  PanelInfo info;
  info.blocks["rank"] = {"a", "b", "c", "d"};
  PanelWriter writer = PanelWriter::create(store, info);
  for (int t = 0; t < months; ++t) {
    const RawMonth& month = data[static_cast<size_t>(t)];
    const auto n = static_cast<int64_t>(month.assets.size());
    const auto columns = build(data, static_cast<size_t>(t));
    std::vector<float> X;
    for (int64_t i = 0; i < n; ++i)
      for (const auto& column : columns) X.push_back(column[static_cast<size_t>(i)]);
    rank_standardise(X, n, D);
    PanelRows rows{date_of(t),
                   date_of(t + 1),
                   month.assets,
                   month.returns,
                   month.market_equity,
                   size_groups(t, month.assets.size()),
                   {},
                   {{"rank", X}}};
    writer.add(rows);
  }
  writer.close();
}

const char* const all_models = R"([
  {"type": "equal_weight"},
  {"type": "equal_weight", "name": "equal weight, signs", "sign": "window"},
  {"type": "ridge"},
  {"type": "ridge", "name": "ridge, small", "universe": "small"},
  {"type": "random_features", "features": 40},
  {"type": "random_features", "name": "features, mega", "features": 40, "universe": "mega"},
  {"type": "transformer", "name": "transformer, mega", "universe": "mega", "factor_scale": "mean", "own_asset": true},
  {"type": "transformer", "head_curve": "all"},
  {"type": "transformer", "name": "transformer on features", "attention_features": 5, "value_features": 3,
   "own_asset": true},
  {"type": "transformer_heads", "heads": 2, "penalty": 1e-5},
  {"type": "transformer_ols", "penalty": 1e-3},
  {"type": "portfolio_transformer", "width": 4, "seeds": 2, "epochs": 2, "rate": 0.01, "attends_to": "size_group",
   "mask_missing": true, "volatility": 0.1},
  {"type": "portfolio_transformer", "name": "network, mega", "universe": "mega", "width": 4, "seeds": 2, "epochs": 2,
   "refit": 5, "warm_start": true},
  {"type": "mlp", "layers": 2, "width": 4, "seeds": 2, "epochs": 2, "refit": 3, "validation": 2, "patience": 1,
   "long_only": true}
])";

// Results of every model task by name.
struct Outputs {
  std::vector<Task> tasks;
  std::vector<Table> months, weights;
};

Outputs run_study(const fs::path& folder, const std::vector<RawMonth>& data, const Builder& build) {
  fs::remove_all(folder);
  write_store(data, build, folder / "store");
  const json experiment{{"study", "pricing"},
                        {"data", {{"panel", {{"path", "store"}}}}},
                        {"backtest", {{"window", window}, {"block", 9}}},
                        {"model", json::parse(all_models)}};
  const PricingStudy study(experiment, folder, folder / "data");
  const RunDirectory directory = RunDirectory::open(folder / "run", experiment, false);
  Outputs out;
  out.tasks = study.plan();
  const RunOutcome outcome = run_tasks(study, out.tasks, directory, {.workers = 2});
  EXPECT_TRUE(outcome.complete()) << (outcome.failures.empty() ? "" : outcome.failures[0].message);
  const auto results = read_results(out.tasks, study.data_hashes(), directory);
  for (const Task& task : out.tasks) {
    const bool model = task.parameters.contains("model");
    out.months.push_back(model ? results->main(task.name) : Table());
    out.weights.push_back(model ? results->more(task.name, "weights") : Table());
  }
  fs::remove_all(folder);
  return out;
}

template <class T>
bool same_bits(const T& a, const T& b) {
  using Bytes = std::array<std::byte, sizeof(T)>;
  return std::bit_cast<Bytes>(a) == std::bit_cast<Bytes>(b);
}

// Names of the outputs dated up to the cut that differ between two runs. Portfolios are formed at `date`; what they
// earned is known at `return_end`.
std::vector<std::string> differences(const Outputs& a, const Outputs& b, Date cut) {
  std::vector<std::string> found;
  for (size_t k = 0; k < a.tasks.size(); ++k) {
    const Table& ours = a.months[k];
    const Table& theirs = b.months[k];
    for (size_t i = 0; i < ours.rows() && ours.dates("date")[i] <= cut; ++i) {
      const std::string where = a.tasks[k].name + " " + ours.dates("date")[i].text();
      for (const auto* column : {"loo", "loadings"}) {
        if (!ours.has(column)) continue;
        const auto& x = ours.get<DoubleVectors>(column);
        const auto& y = theirs.get<DoubleVectors>(column);
        for (int j = 0; j < x.width; ++j)
          if (!same_bits(x.values[i * x.width + j], y.values[i * x.width + j])) found.push_back(where + " " + column);
      }
      if (!same_bits(ours.doubles("penalty")[i], theirs.doubles("penalty")[i])) found.push_back(where + " penalty");
      for (const auto& [name, values] : ours.columns()) {
        const bool earned = name == "return" || name.starts_with("variant ");  // known at return_end
        if (!earned && !name.starts_with("diagnostic ") && !name.starts_with("flag ")) continue;
        if (earned && ours.dates("return_end")[i] > cut) continue;
        if (!same_bits(ours.doubles(name)[i], theirs.doubles(name)[i])) found.push_back(where + " " + name);
      }
    }
    if (ours.rows() == 0) continue;
    const auto& weight = a.weights[k].get<std::vector<float>>("weight");
    for (size_t i = 0; i < weight.size() && a.weights[k].dates("date")[i] <= cut; ++i)
      if (!same_bits(weight[i], b.weights[k].get<std::vector<float>>("weight")[i]))
        found.push_back(a.tasks[k].name + " " + a.weights[k].dates("date")[i].text() + " weight");
  }
  return found;
}

fs::path folder(const char* name) { return fs::temp_directory_path() / (std::string("loadstone_lookahead_") + name); }

TEST(LookAhead, no_output_up_to_a_cut_moves_when_later_data_do) {
  const std::vector<RawMonth> data = raw_data();
  const Outputs before = run_study(folder("a"), data, honest);
  size_t portfolios = 0;
  for (const Table& table : before.months) portfolios += table.rows();
  EXPECT_EQ(portfolios, 11U * (months - window) + 3U * (months - window - 4));  // no mega assets in 14, 21, 28, 35
  for (const int cut : {14, 20, 27, 36})
    for (const Change& change : {Change(noise), Change(permutation), Change(deletion)}) {
      const Outputs after = run_study(folder("b"), changed_after(data, cut, change), honest);
      EXPECT_EQ(differences(before, after, date_of(cut)), std::vector<std::string>{}) << "cut " << date_of(cut).text();
      EXPECT_NE(differences(before, after, date_of(months)), std::vector<std::string>{}) << "the change did nothing";
    }
}

TEST(LookAhead, planted_leaks_are_caught) {
  const std::vector<RawMonth> data = raw_data();
  for (const Builder& leak : {Builder(next_return), Builder(full_sample_mean)}) {
    const Outputs before = run_study(folder("a"), data, leak);
    const Outputs after = run_study(folder("b"), changed_after(data, 20, noise), leak);
    EXPECT_FALSE(differences(before, after, date_of(20)).empty());
  }
}

}  // namespace
}  // namespace loadstone
