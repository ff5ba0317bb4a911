#include "loadstone/core/date.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using std::chrono::year_month_day;

year_month_day civil(Date date) { return year_month_day{std::chrono::sys_days{std::chrono::days{date.days}}}; }

Date from_civil(const year_month_day& ymd) {
  return {static_cast<int>(std::chrono::sys_days{ymd}.time_since_epoch().count())};
}

constexpr std::array<std::pair<Frequency, std::string_view>, 5> frequencies{{{Frequency::daily, "daily"},
                                                                             {Frequency::weekly, "weekly"},
                                                                             {Frequency::monthly, "monthly"},
                                                                             {Frequency::quarterly, "quarterly"},
                                                                             {Frequency::annual, "annual"}}};

}  // namespace

Date Date::from_ymd(int year, unsigned month, unsigned day) {
  const year_month_day ymd{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  if (!ymd.ok()) throw data_error(fmt::format("there is no day {}-{:02}-{:02}", year, month, day));
  return from_civil(ymd);
}

Date Date::parse(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const char* end = text.data() + text.size();
  auto field = [&](const char* from, auto& value, bool last) {
    const auto [next, error] = std::from_chars(from, end, value);
    return error == std::errc{} && (last ? next == end : next != end && *next == '-') ? next + 1 : nullptr;
  };
  const char* at = field(text.data(), year, false);
  if (at != nullptr) at = field(at, month, false);
  if (at != nullptr) at = field(at, day, true);
  if (at == nullptr) throw data_error(fmt::format("`{}` is not a date. Valid: YYYY-MM-DD", text));
  return from_ymd(year, month, day);
}

Date Date::month_end(int year, unsigned month) {
  return from_civil(year_month_day{std::chrono::year{year} / std::chrono::month{month} / std::chrono::last});
}

int Date::year() const { return static_cast<int>(civil(*this).year()); }
unsigned Date::month() const { return static_cast<unsigned>(civil(*this).month()); }
unsigned Date::day() const { return static_cast<unsigned>(civil(*this).day()); }
Date Date::end_of_month() const { return month_end(year(), month()); }
Date Date::end_of_quarter() const { return month_end(year(), (month() + 2) / 3 * 3); }

Date Date::next_month_end() const {
  const int next = month_index() + 1;
  return month_end(next / 12, static_cast<unsigned>(next % 12) + 1);
}

std::string Date::text() const { return fmt::format("{:04}-{:02}-{:02}", year(), month(), day()); }

int periods_per_year(Frequency frequency) {
  switch (frequency) {
    case Frequency::daily:
      return 252;
    case Frequency::weekly:
      return 52;
    case Frequency::monthly:
      return 12;
    case Frequency::quarterly:
      return 4;
    case Frequency::annual:
      return 1;
  }
  return 1;
}

std::string_view name(Frequency frequency) {
  for (const auto& [value, text] : frequencies)
    if (value == frequency) return text;
  return "";
}

Frequency parse_frequency(std::string_view text) {
  std::vector<std::string> valid;
  for (const auto& [value, name] : frequencies) {
    if (name == text) return value;
    valid.emplace_back(name);
  }
  throw unknown_name("frequency", text, "", valid);
}

}  // namespace loadstone
