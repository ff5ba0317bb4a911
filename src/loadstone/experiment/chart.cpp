#include "loadstone/experiment/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loadstone {

using nlohmann::json;

json channel(const std::string& field, const std::string& type, const std::string& title) {
  return {{"field", field}, {"type", type}, {"title", title.empty() ? json() : json(title)}};
}

std::vector<size_t> spread(size_t size, size_t count) {
  std::vector<size_t> out;
  if (size <= count) {
    for (size_t i = 0; i < size; ++i) out.push_back(i);
    return out;
  }
  for (size_t k = 0; k < count; ++k) out.push_back((k * (size - 1) + (count - 1) / 2) / (count - 1));
  return out;
}

json series_channels(const std::string& field, const std::vector<std::string>& names, const std::string& legend) {
  json colour = channel(field, "nominal", legend);
  colour["sort"] = names;
  json out{{"color", colour}};
  if (names.size() <= most_lines) return out;
  json dash = colour, dashes = json::array();
  for (size_t k = 0; k < names.size(); ++k)
    dashes.push_back(k < most_lines ? json::array({1, 0}) : json::array({5, 3}));
  dash["scale"] = {{"domain", names}, {"range", dashes}};
  out["color"]["scale"] = {{"domain", names}};
  out["strokeDash"] = dash;
  return out;
}

json line_chart(const std::vector<Line>& lines, const Axis& x, const Axis& y, const std::string& legend, bool points) {
  json values = json::array();
  std::vector<std::string> names;
  bool whole = !x.log;
  for (const Line& line : lines) {
    names.push_back(line.name);
    for (size_t i = 0; i < line.x.size(); ++i) {
      values.push_back({{"line", line.name}, {"x", line.x[i]}, {"y", line.y[i]}});  // NaN is written as null
      whole = whole && line.x[i] == std::round(line.x[i]);
    }
  }
  json across = channel("x", "quantitative", x.title), up = channel("y", "quantitative", y.title);
  across["scale"] = x.log ? json{{"type", "log"}} : json{{"zero", false}};
  if (whole) across["axis"] = {{"tickMinStep", 1}};  // no epoch 1.5
  up["scale"] = y.log ? json{{"type", "log"}} : json{{"zero", false}};
  json encoding{{"x", across}, {"y", up}};
  encoding.update(series_channels("line", names, legend));
  return {{"data", {{"values", values}}},
          {"mark", points ? json{{"type", "line"}, {"point", true}} : json("line")},
          {"encoding", encoding}};
}

namespace {

// What bars of either direction share.
struct BarChannels {
  json values = json::array(), group, name, colour;
  size_t groups = 0, names = 0;
};

BarChannels bar_channels(const std::vector<Bar>& bars) {
  BarChannels out;
  json groups = json::array(), names = json::array();
  const auto add_new = [](json& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  };
  for (const Bar& bar : bars) {
    add_new(groups, bar.group);
    add_new(names, bar.name);
    out.values.push_back({{"group", bar.group}, {"name", bar.name}, {"value", bar.value}});  // NaN is written as null
  }
  out.groups = groups.size(), out.names = names.size();
  out.group = channel("group", "nominal", ""), out.name = channel("name", "nominal", "");
  out.group["sort"] = groups;
  out.name["sort"] = names;
  out.colour = out.name;
  out.colour["legend"] = {{"symbolType", "square"}, {"symbolStrokeWidth", 0}};
  return out;
}

}  // namespace

json bar_chart(const std::vector<Bar>& bars, const std::string& y_title) {
  BarChannels of = bar_channels(bars);
  of.group["axis"] = {{"labelAngle", 0}};
  return {{"data", {{"values", of.values}}},
          {"mark", "bar"},
          {"encoding",
           {{"x", of.group},
            {"xOffset", of.name},
            {"y", channel("value", "quantitative", y_title)},
            {"color", of.colour}}}};
}

json row_chart(const std::vector<Bar>& bars, const std::string& x_title) {
  BarChannels of = bar_channels(bars);
  json encoding{{"y", of.group}, {"x", channel("value", "quantitative", x_title)}};
  if (of.names > 1) encoding.update({{"yOffset", of.name}, {"color", of.colour}});
  const size_t height = 40 + of.groups * (8 + 12 * of.names);
  return {{"data", {{"values", of.values}}}, {"mark", "bar"}, {"height", height}, {"encoding", encoding}};
}

json heat_map(const std::vector<HeatCell>& cells, const std::vector<std::string>& order, const std::string& row_title,
              const std::string& column_title, double limit, const std::string& format) {
  json values = json::array();
  for (const HeatCell& cell : cells)
    if (!std::isnan(cell.value)) values.push_back({{"row", cell.row}, {"column", cell.column}, {"value", cell.value}});
  json x = channel("column", "nominal", column_title), y = channel("row", "nominal", row_title);
  x["sort"] = y["sort"] = order;
  x["axis"] = {{"labelAngle", -40}};
  json colour = channel("value", "quantitative", ""), text = channel("value", "quantitative", "");
  colour["scale"] = {{"domain", {-limit, limit}}, {"range", "diverging"}, {"clamp", true}};
  text["format"] = format;
  const std::string dark = fmt::format("abs(datum.value) > {:g}", 0.7 * limit);
  const json ink{{"condition", {{"test", dark}, {"value", "white"}}}, {"value", "black"}};
  const json squares{{"mark", "rect"}, {"encoding", {{"color", colour}}}};
  const json numbers{{"mark", {{"type", "text"}, {"fontSize", 10}}}, {"encoding", {{"text", text}, {"color", ink}}}};
  return {
      {"data", {{"values", values}}}, {"encoding", {{"x", x}, {"y", y}}}, {"layer", json::array({squares, numbers})}};
}

}  // namespace loadstone
