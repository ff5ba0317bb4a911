#pragma once
// Self-describing configuration. A config struct names each field once:
//
//   struct RidgeConfig {
//     std::vector<double> penalties = log_grid(-10, 3);
//     void describe(Parameters& p) {
//       p.add("penalties", penalties, "Ridge penalties z that are tried", at_least(0));
//     }
//   };
//
// From that description come reading of the experiment file (unknown keys refused, with the nearest valid name),
// `loadstone models NAME`, the tables in docs/, and the resolved copy in run.json.

#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace loadstone {

// Range of a number, or of every number in a list; or the valid words of a text.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;  // the low end itself is not valid
  std::vector<std::string> words{};
  std::string text() const;  // "> 0", "1 .. 64", "a | b"; empty if everything is valid
};
Limits at_least(double low);
Limits above(double low);
Limits between(double low, double high);
Limits one_of(std::vector<std::string> words);

// One line of the parameter table.
struct ParameterInfo {
  std::string name, type, unit, default_value, range, help;
};

class Parameters {
 public:
  Parameters();
  ~Parameters();
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  // T: bool, int, int64_t, double, std::string, or a std::vector of int, double or std::string (a single value in the
  // file is a list of one). The field's present value is the default. The field must outlive this object.
  template <class T>
  void add(std::string name, T& field, std::string help, Limits limits = {}, std::string unit = "");

  // Sets the fields that `values` (an object) names. Throws Error(usage) on an unknown key, a wrong type or a value out
  // of range; `where` names the place in the message ("ridge", "[backtest]").
  void read(const nlohmann::json& values, std::string_view where);
  nlohmann::json values() const;  // every field, in order of description
  std::vector<ParameterInfo> table() const;

 private:
  struct Field;
  std::vector<Field> fields_;
};

// Config with the values of `values` over its defaults, every field checked.
template <class Config>
Config read_config(const nlohmann::json& values, std::string_view where) {
  Config config;
  Parameters parameters;
  config.describe(parameters);
  parameters.read(values, where);
  return config;
}

// 10^from, 10^(from+1), ..., 10^to
std::vector<double> log_grid(int from, int to);

}  // namespace loadstone
