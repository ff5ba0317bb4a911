#pragma once
// A run's results as files that people read and use.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "loadstone/experiment/study.h"

namespace loadstone {

// Writes into the run directory: metrics.csv, returns.csv and weights.parquet (each if it has rows), tables/<id>.csv
// and .tex, figures/<id>.json, and report.html, which holds all tables and figures and requests nothing. `run` is
// run.json. Throws Error(task) if an id is used twice or is not a file name of letters, digits, `-` and `_`.
void write_report(const std::filesystem::path& run_dir, const nlohmann::json& run, const Summary& summary);

}  // namespace loadstone
