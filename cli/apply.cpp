// The command `apply`: fitted models on a new cross-section.

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/fitted_files.h"
#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/pricing/fitted.h"

namespace loadstone::cli {
namespace {

namespace fs = std::filesystem;

void print_csv(const Table& weights) {
  std::puts("model,date,asset,value");
  for (size_t i = 0; i < weights.rows(); ++i)
    fmt::print("{},{},{},{}\n", weights.texts("model")[i], weights.dates("date")[i].text(), weights.texts("asset")[i],
               weights.doubles("value")[i]);
}

}  // namespace

int apply(const fs::path& run_folder, const fs::path& panel, const fs::path& out) {
  const std::vector<FittedModel> models = read_fitted(run_folder);
  if (models.empty())
    throw usage_error(fmt::format("{} has no fitted models of a panel", (run_folder / "models").string()));
  const Panel store = Panel::open(panel);
  Table weights;
  for (const FittedModel& model : models) {
    const Table one = apply_fitted(model, store);
    if (weights.rows() == 0)
      weights = one;
    else
      weights.append(one);
  }
  if (out.empty())
    print_csv(weights);
  else
    write_csv(weights, out);
  return 0;
}

}  // namespace loadstone::cli
