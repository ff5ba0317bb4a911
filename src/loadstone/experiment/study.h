#pragma once
// A study is a kind of experiment. It plans tasks, runs them into results, and summarises all results into tables,
// figures and metrics. This folder knows nothing of models: it gives every study resuming, workers, failure records
// and provenance.

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "loadstone/data/safetensors.h"
#include "loadstone/data/table.h"

namespace loadstone {

// A unit of work with one result. Its key hashes everything that decides the result: the study's data, the parameters,
// the result format and the keys of its inputs. Same key, same bits.
struct Task {
  std::string name;                 // for messages and file names: "ridge 1968-02..1972-01"
  nlohmann::json parameters;        // resolved; part of the key
  std::vector<std::string> inputs;  // names of the tasks whose results it reads; they run before it
};

// A result: a main table and, where it has some, further tables (weights) by name.
struct Result {
  Table main;
  std::vector<std::pair<std::string, Table>> more;
};

// What a running task is given: the results of its inputs, and a place for a checkpoint.
class Inputs {
 public:
  virtual ~Inputs() = default;
  // `columns` empty: all.
  virtual Table main(const std::string& task_name, const std::vector<std::string>& columns = {}) const = 0;
  virtual Table more(const std::string& task_name, const std::string& table) const = 0;
  // A file in which a long task may save how far it is: what it finds there comes from an interrupted run of the same
  // task. Removed when the result is there. Empty: there is no such place.
  virtual std::filesystem::path checkpoint(const std::string& /*task_name*/) const { return {}; }
};

// What summarise produces. A figure is a Vega-Lite specification with its data.
struct Figure {
  std::string id, title, caption;
  nlohmann::json spec;
};
// `format` may say how a column is shown: {"SR": "0.00"} or {"SR": {"format": "0.00", "label": "Sharpe ratio",
// "unit": "a year", "group": "paper"}} (report/cells.h). `notes` say sample, units, estimator, sources.
struct ReportTable {
  std::string id, title, caption;
  Table table;
  nlohmann::json format = nlohmann::json::object();
  std::string notes = {};
};
// A fitted model: saved as models/<name>.safetensors and .json.
struct FittedModel {
  std::string name;
  nlohmann::json description;
  NamedTensors tensors;
};
struct Summary {
  Table metrics;  // model, metric, sample, value, std_error
  Table returns;  // model, date (return_end), return; empty where the study makes no portfolios
  Table weights;  // model, date, asset, value
  std::vector<ReportTable> tables;
  std::vector<Figure> figures;
  std::vector<FittedModel> models;
  std::vector<std::pair<std::string, Table>> embeddings;  // by model: kind, key, date, known_at, vector, labels
  nlohmann::json header;  // sample, timing rule, scaling, NaN rule: for the report; `not possible` is printed too
};

class Study {
 public:
  virtual ~Study() = default;
  // Resolved parameters, defaults filled in: goes to run.json.
  virtual nlohmann::json resolved() const = 0;
  // Hash of each data source by name: part of every task's key.
  virtual nlohmann::json data_hashes() const = 0;
  virtual std::vector<Task> plan() const = 0;
  // Runs one task. Called from several threads at once for different tasks; must not depend on which.
  virtual Result run(const Task& task, const Inputs& inputs) const = 0;
  virtual Summary summarise(const std::vector<Task>& tasks, const Inputs& results) const = 0;
};

}  // namespace loadstone
