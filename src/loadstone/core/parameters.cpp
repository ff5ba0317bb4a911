#include "loadstone/core/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "loadstone/core/checked_json.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using nlohmann::json;

template <class T>
struct TypeName;
template <>
struct TypeName<bool> {
  static constexpr auto text = "true or false";
};
template <>
struct TypeName<int> {
  static constexpr auto text = "integer";
};
template <>
struct TypeName<int64_t> {
  static constexpr auto text = "integer";
};
template <>
struct TypeName<double> {
  static constexpr auto text = "number";
};
template <>
struct TypeName<std::string> {
  static constexpr auto text = "text";
};
template <>
struct TypeName<std::vector<int>> {
  static constexpr auto text = "list of integers";
};
template <>
struct TypeName<std::vector<double>> {
  static constexpr auto text = "list of numbers";
};
template <>
struct TypeName<std::vector<std::string>> {
  static constexpr auto text = "list of texts";
};

template <class T>
struct Convert;  // json -> T; false when the type is wrong
template <>
struct Convert<bool> {
  static bool to(const json& j, bool& out) { return j.is_boolean() && (out = j.get<bool>(), true); }
};
template <>
struct Convert<int64_t> {
  static bool to(const json& j, int64_t& out) {
    if (j.is_number_integer()) return out = j.get<int64_t>(), true;
    const double value = j.is_number_float() ? j.get<double>() : 0.5;  // 1e4 is a fine way to write an integer
    return value == std::floor(value) && std::abs(value) < 0x1p53 && (out = static_cast<int64_t>(value), true);
  }
};
template <>
struct Convert<int> {
  static bool to(const json& j, int& out) {
    int64_t wide = 0;
    if (!Convert<int64_t>::to(j, wide) || wide != static_cast<int>(wide)) return false;
    return out = static_cast<int>(wide), true;
  }
};
template <>
struct Convert<double> {
  static bool to(const json& j, double& out) { return j.is_number() && (out = j.get<double>(), true); }
};
template <>
struct Convert<std::string> {
  static bool to(const json& j, std::string& out) { return j.is_string() && (out = j.get<std::string>(), true); }
};
template <class T>
struct Convert<std::vector<T>> {
  static bool to(const json& j, std::vector<T>& out) {
    std::vector<T> list(j.is_array() ? j.size() : 1);
    for (size_t i = 0; i < list.size(); ++i) {
      T item{};
      if (!Convert<T>::to(j.is_array() ? j[i] : j, item)) return false;
      list[i] = item;
    }
    return out = list, true;
  }
};

bool within(const Limits& limits, const json& value) {
  if (value.is_array())
    return std::all_of(value.begin(), value.end(), [&](const json& v) { return within(limits, v); });
  if (value.is_string())
    return limits.words.empty() ||
           std::find(limits.words.begin(), limits.words.end(), value.get<std::string>()) != limits.words.end();
  if (!value.is_number()) return true;
  const double x = value.get<double>();
  return std::isfinite(x) && x <= limits.high && (limits.low_open ? x > limits.low : x >= limits.low);
}

}  // namespace

std::string Limits::text() const {
  if (!words.empty()) return fmt::format("{}", fmt::join(words, " | "));
  const bool has_low = std::isfinite(low);
  const bool has_high = std::isfinite(high);
  if (has_low && has_high) return fmt::format("{} .. {}", low, high);
  if (has_low) return fmt::format("{} {}", low_open ? ">" : ">=", low);
  return has_high ? fmt::format("<= {}", high) : "";
}

Limits at_least(double low) { return {.low = low}; }
Limits above(double low) { return {.low = low, .low_open = true}; }
Limits between(double low, double high) { return {.low = low, .high = high}; }
Limits one_of(std::vector<std::string> words) { return {.words = std::move(words)}; }

struct Parameters::Field {
  std::string name, type, unit, help;
  Limits limits;
  json default_value;
  std::function<bool(const json&)> set;
  std::function<json()> get;
};

Parameters::Parameters() = default;
Parameters::~Parameters() = default;

template <class T>
void Parameters::add(std::string name, T& field, std::string help, Limits limits, std::string unit) {
  fields_.push_back({std::move(name), TypeName<T>::text, std::move(unit), std::move(help), std::move(limits),
                     json(field), [&field](const json& value) { return Convert<T>::to(value, field); },
                     [&field] { return json(field); }});
}
template void Parameters::add(std::string, bool&, std::string, Limits, std::string);
template void Parameters::add(std::string, int&, std::string, Limits, std::string);
template void Parameters::add(std::string, int64_t&, std::string, Limits, std::string);
template void Parameters::add(std::string, double&, std::string, Limits, std::string);
template void Parameters::add(std::string, std::string&, std::string, Limits, std::string);
template void Parameters::add(std::string, std::vector<int>&, std::string, Limits, std::string);
template void Parameters::add(std::string, std::vector<double>&, std::string, Limits, std::string);
template void Parameters::add(std::string, std::vector<std::string>&, std::string, Limits, std::string);

void Parameters::read(const json& values, std::string_view where) {
  check_table(values, where);
  std::vector<std::string> names;
  for (const Field& field : fields_) names.push_back(field.name);
  for (const auto& [key, value] : values.items()) {
    const auto field = std::ranges::find(fields_, key, &Field::name);
    if (field == fields_.end()) throw unknown_name("parameter", key, where, names);
    const json before = field->get();
    if (!field->set(value))
      throw usage_error(fmt::format("`{}` of {} is {}: needed is {}, for example {}.", key, where, value.dump(),
                                    field->type, field->default_value.dump()));
    if (!within(field->limits, field->get())) {
      field->set(before);
      const std::string nearest = value.is_string() ? nearest_name(value.get<std::string>(), field->limits.words) : "";
      throw usage_error(fmt::format("`{}` of {} is {}. Valid: {}.{}", key, where, value.dump(), field->limits.text(),
                                    nearest.empty() ? "" : fmt::format(" Nearest: `{}`.", nearest)));
    }
  }
}

json Parameters::values() const {
  json out = json::object();
  for (const Field& field : fields_) out[field.name] = field.get();
  return out;
}

std::vector<ParameterInfo> Parameters::table() const {
  std::vector<ParameterInfo> rows;
  for (const Field& f : fields_)
    rows.push_back({f.name, f.type, f.unit, f.default_value.dump(), f.limits.text(), f.help});
  return rows;
}

std::vector<double> log_grid(int from, int to) {
  std::vector<double> grid;
  for (int i = from; i <= to; ++i) grid.push_back(std::pow(10.0, i));
  return grid;
}

}  // namespace loadstone
