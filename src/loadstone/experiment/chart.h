#pragma once
// Vega-Lite specifications of data, mark and encoding; fonts, sizes and colours are the page's (web/README.md).

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/experiment/study.h"

namespace loadstone {

constexpr size_t most_lines = 10;  // colours that the page tells apart

// {"field": field, "type": type, "title": title}; an empty title shows none.
nlohmann::json channel(const std::string& field, const std::string& type, const std::string& title);

// `count` positions spread evenly over 0 .. size - 1, both ends among them; all positions if there are no more.
std::vector<size_t> spread(size_t size, size_t count);

struct Line {
  std::string name;
  std::vector<double> x, y;  // NaN: a gap
};
struct Axis {
  std::string title;
  bool log = false;
};
// How series are told apart, in this order: by colour, from the eleventh on by dashes too. Channels "color" and
// "strokeDash" of an encoding.
nlohmann::json series_channels(const std::string& field, const std::vector<std::string>& names,
                               const std::string& legend);
// One line for each entry, in their order; legend: title of the colours.
nlohmann::json line_chart(const std::vector<Line>& lines, const Axis& x, const Axis& y, const std::string& legend,
                          bool points = true);

struct Bar {
  std::string group, name;
  double value = 0.0;  // NaN: no bar
};
// Bars of a group side by side, coloured by name; groups and names in the order of their first appearance.
nlohmann::json bar_chart(const std::vector<Bar>& bars, const std::string& y_title);

// The same with a group in each row, for groups with long names.
nlohmann::json row_chart(const std::vector<Bar>& bars, const std::string& x_title);

struct HeatCell {
  std::string row, column;
  double value = 0.0;  // NaN: the cell stays empty
};
// Colours from -limit to limit, and the numbers in `format` (d3) over them. `order`: names along both axes.
nlohmann::json heat_map(const std::vector<HeatCell>& cells, const std::vector<std::string>& order,
                        const std::string& row_title, const std::string& column_title, double limit,
                        const std::string& format);

}  // namespace loadstone
