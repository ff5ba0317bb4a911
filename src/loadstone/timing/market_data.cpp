#include "loadstone/timing/market_data.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

using Values = std::vector<double>;

// Element by element over months; f also sees the month before, NaN in the first one.
template <class F>
Values by_month(size_t T, F f) {
  Values out(T);
  for (size_t t = 0; t < T; ++t) out[t] = f(t);
  return out;
}

Values column(const SeriesTable& series, std::string_view name) {
  const auto at = std::ranges::find(series.names, name) - series.names.begin();
  if (at == std::ssize(series.names))
    throw data_error(fmt::format("the series have no column `{}`; they have {}", name, fmt::join(series.names, ", ")));
  const at::Tensor values = series.values.select(1, at).contiguous();
  const auto* first = values.const_data_ptr<double>();
  return {first, first + values.numel()};
}

struct Predictor {
  std::string name;
  Values value;
};

Values market_return(const SeriesTable& series, const std::string& market) {
  if (market == "excess") {
    const Values total = column(series, "CRSP_SPvw"), riskless = column(series, "Rfree");
    return by_month(total.size(), [&](size_t t) { return total[t] - riskless[t]; });
  }
  const Values index = column(series, "Index");
  return by_month(index.size(), [&](size_t t) { return t == 0 ? missing : index[t] / index[t - 1] - 1.0; });
}

// The 14 predictors of Welch and Goyal (2008), and the market's return.
std::vector<Predictor> predictors(const SeriesTable& series, const Values& market) {
  const Values index = column(series, "Index"), D12 = column(series, "D12"), E12 = column(series, "E12");
  const Values tbl = column(series, "tbl"), lty = column(series, "lty"), ltr = column(series, "ltr");
  const Values AAA = column(series, "AAA"), BAA = column(series, "BAA"), corpr = column(series, "corpr");
  const auto each = [&](auto f) { return by_month(index.size(), f); };
  return {{"b/m", column(series, "b/m")},
          {"de", each([&](size_t t) { return std::log(D12[t] / E12[t]); })},
          {"dfr", each([&](size_t t) { return corpr[t] - ltr[t]; })},
          {"dfy", each([&](size_t t) { return BAA[t] - AAA[t]; })},
          {"dp", each([&](size_t t) { return std::log(D12[t] / index[t]); })},
          {"dy", each([&](size_t t) { return t == 0 ? missing : std::log(D12[t] / index[t - 1]); })},
          {"ep", each([&](size_t t) { return std::log(E12[t] / index[t]); })},
          {"infl", column(series, "infl")},
          {"ltr", ltr},
          {"lty", lty},
          {"ntis", column(series, "ntis")},
          {"svar", column(series, "svar")},
          {"tbl", tbl},
          {"tms", each([&](size_t t) { return lty[t] - tbl[t]; })},
          {"market", market}};
}

// First month from which every predictor is there; from it on, none may be missing.
size_t first_complete(const std::vector<Predictor>& all, const std::vector<Date>& date) {
  const auto absent = [&](size_t t) {
    for (const Predictor& p : all)
      if (!std::isfinite(p.value[t])) return &p;
    return static_cast<const Predictor*>(nullptr);
  };
  size_t first = 0;
  while (first < date.size() && absent(first) != nullptr) ++first;
  for (size_t t = first; t < date.size(); ++t) {
    if (const Predictor* p = absent(t))
      throw data_error(
          fmt::format("predictor `{}` is missing in {}, after a first complete month {}. Needed is every "
                      "month: cut the file before the gap.",
                      p->name, date[t].text(), date[first].text()));
    if (t > first && date[t].month_index() != date[t - 1].month_index() + 1)
      throw data_error(
          fmt::format("the series jump from {} to {}. Needed is every month.", date[t - 1].text(), date[t].text()));
  }
  return first;
}

// (x - mean) / standard deviation over the months from `first` up to and including each one (divisor n - 1).
Values standardise_expanding(const Values& x, size_t first) {
  Values out(x.size(), missing);
  double mean = 0.0, squares = 0.0, n = 0.0;
  for (size_t t = first; t < x.size(); ++t) {
    n += 1.0;
    const double step = x[t] - mean;
    mean += step / n;
    squares += step * (x[t] - mean);
    if (n > 1.0) out[t] = (x[t] - mean) / std::sqrt(squares / (n - 1.0));
  }
  return out;
}

// Standard deviation over the `months` that end at t (divisor months - 1).
double trailing_deviation(const Values& x, size_t t, size_t months) {
  double mean = 0.0, squares = 0.0;
  for (size_t s = t + 1 - months; s <= t; ++s) mean += x[s] / static_cast<double>(months);
  for (size_t s = t + 1 - months; s <= t; ++s) squares += (x[s] - mean) * (x[s] - mean);
  return std::sqrt(squares / static_cast<double>(months - 1));
}

void check_length(size_t T, size_t first, const MarketConfig& config) {
  const auto history = static_cast<size_t>(config.history);
  if (config.history <= config.volatility_months)
    throw usage_error(fmt::format("history = {} months, with a volatility of {}: history must be longer",
                                  config.history, config.volatility_months));
  if (first + history >= T)
    throw data_error(fmt::format("the series have {} complete months; history = {} needs more", T - first, history));
}

// The last row at or before row t that could be read at date[t].
size_t known_row(const SeriesTable& series, size_t t, size_t first) {
  size_t row = t;
  while (row > first && series.known_at[row] > series.date[t]) --row;
  if (row == first)
    throw data_error(fmt::format("the series that could be read on {} end before their first complete month {}",
                                 series.date[t].text(), series.date[first].text()));
  return row;
}

}  // namespace

void MarketConfig::describe(Parameters& p) {
  p.add("market", market,
        "Return of the market: `excess` is CRSP_SPvw - Rfree; `price` is the change of Index, without dividends and "
        "without the riskless rate",
        one_of({"excess", "price"}));
  p.add("volatility", volatility,
        "What a month's return is divided by: `known` is the standard deviation of the months before it; `same_month` "
        "lets the window end with the month itself, as a public replication does: no investor knows that scale",
        one_of({"known", "same_month"}));
  p.add("volatility_months", volatility_months, "Window of that standard deviation", at_least(2), "months");
  p.add("history", history, "Months that standardise the predictors before the first one is used", at_least(3),
        "months");
}

MarketSample market_sample(const SeriesTable& series, const MarketConfig& config) {
  const Values market = market_return(series, config.market);
  const std::vector<Predictor> all = predictors(series, market);
  const size_t first = first_complete(all, series.date);
  check_length(series.date.size(), first, config);
  const size_t start = first + static_cast<size_t>(config.history);

  MarketSample sample;
  sample.date.assign(series.date.begin() + static_cast<std::ptrdiff_t>(start), series.date.end());
  const auto T = static_cast<int64_t>(sample.date.size());
  sample.X = at::empty({T, static_cast<int64_t>(all.size())}, at::kFloat);
  auto X = sample.X.accessor<float, 2>();
  for (size_t d = 0; d < all.size(); ++d) {
    sample.predictors.push_back(all[d].name);
    const Values z = standardise_expanding(all[d].value, first);
    for (int64_t t = 0; t < T; ++t)
      X[t][static_cast<int64_t>(d)] = static_cast<float>(z[known_row(series, start + static_cast<size_t>(t), first)]);
  }
  const size_t lag = config.volatility == "known" ? 1 : 0;
  for (size_t t = start; t < series.date.size(); ++t)
    sample.R.push_back(market[t] / trailing_deviation(market, t - lag, static_cast<size_t>(config.volatility_months)));
  return sample;
}

}  // namespace loadstone
