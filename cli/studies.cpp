#include "cli/studies.h"

#include <nlohmann/json.hpp>

#include "loadstone/core/checked_json.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/embeddings/study.h"
#include "loadstone/pricing/study.h"
#include "loadstone/sources/source.h"
#include "loadstone/timing/study.h"

namespace loadstone::cli {

std::unique_ptr<Study> make_study(const nlohmann::json& experiment, const std::filesystem::path& base,
                                  const std::filesystem::path& data_folder) {
  const std::string name = experiment.at("study");
  if (name == "pricing") return std::make_unique<PricingStudy>(experiment, base, data_folder);
  if (name == "timing") {
    const nlohmann::json data = experiment.value("data", nlohmann::json::object());
    check_table(data, "[data]");
    for (const auto& [key, value] : data.items())
      if (key != "series") throw unknown_name("table", key, "[data]", {"series"});
    if (!data.contains("series") || text_of(data["series"], "path", "", "[data.series]").empty())
      throw usage_error("a timing experiment needs [data.series] with a path");
    check_timing_experiment(experiment);
    const nlohmann::json& series = data["series"];
    return std::make_unique<TimingStudy>(experiment, load_series(series, base),
                                         hash_file(base / series.at("path").get<std::string>()));
  }
  if (name == "embeddings") return std::make_unique<EmbeddingsStudy>(experiment, base, data_folder);
  throw unknown_name("study", name, "", {"pricing", "timing", "embeddings"});
}

}  // namespace loadstone::cli
