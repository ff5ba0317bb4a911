#pragma once
// Dates without time of day, and the calendar of a data set.

#include <chrono>
#include <compare>
#include <string>
#include <string_view>

namespace loadstone {

// Days since 1970-01-01; as in Arrow's date32.
struct Date {
  int days = 0;
  auto operator<=>(const Date&) const = default;

  static Date from_ymd(int year, unsigned month, unsigned day);  // throws Error(data) if there is no such day
  static Date parse(std::string_view text);                      // YYYY-MM-DD; throws Error(data)
  static Date month_end(int year, unsigned month);

  int year() const;
  unsigned month() const;
  unsigned day() const;
  int month_index() const { return year() * 12 + static_cast<int>(month()) - 1; }  // months since year 0
  Date end_of_month() const;
  Date end_of_quarter() const;
  Date next_month_end() const;  // the last day of the following month
  std::string text() const;     // YYYY-MM-DD
};

enum class Frequency { daily, weekly, monthly, quarterly, annual };

// Periods a year by which means and volatilities are annualised: 252, 52, 12, 4, 1.
int periods_per_year(Frequency frequency);
std::string_view name(Frequency frequency);
Frequency parse_frequency(std::string_view text);  // throws Error(usage)

}  // namespace loadstone
