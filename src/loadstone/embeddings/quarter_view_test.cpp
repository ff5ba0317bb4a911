// What a view gives, by hand; and above all that nothing known later moves a bit of it.
#include "loadstone/embeddings/quarter_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

// "quarter investor asset value" of every cell.
std::vector<std::string> lines(const Cells& cells, const Holdings& names) {
  std::vector<std::string> out;
  for (size_t r = 0; r < cells.rows.size(); ++r)
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      out.push_back(cells.rows[r].quarter.text() + " " + names.investors[cells.rows[r].investor] + " " +
                    cells.assets[cells.asset[c]] + " " + std::to_string(cells.value[c]));
  return out;
}

EmbeddingScope scope(const std::string& measure, int quarters = 1, bool ranks = false) {
  EmbeddingScope out;
  out.measure = measure;
  out.quarters = quarters;
  out.ranks = ranks;
  return out;
}

SampleConfig rules(int min_investors, int min_assets, int filing_days = 60) {
  SampleConfig out = everything(filing_days);
  out.rules.min_investors = min_investors;
  out.rules.min_assets = min_assets;
  return out;
}

// --- look-ahead

template <class Values>
at::Tensor doubles(const Values& values) {
  return at::tensor(std::vector<double>(values.begin(), values.end()), at::kDouble);
}

// All that a model can learn from a view.
std::vector<at::Tensor> told(const EmbeddingsData& data, const SampleConfig& sample, size_t quarter) {
  const QuarterView view(data, sample, quarter);
  std::vector<at::Tensor> out{view.daily_returns(), view.market_equity(), doubles(view.vocabulary()),
                              doubles(std::vector<int>{view.known_at().days, static_cast<int>(view.sample().assets),
                                                       static_cast<int>(view.sample().investors)})};
  if (data.panel) out.push_back(view.characteristics({"all"}));
  if (!data.vectors.empty()) out.push_back(view.vectors(""));
  for (const char* measure : {"log_holdings", "active_weights", "rebalancing"})
    for (const int quarters : {1, 2}) {
      EmbeddingScope of = scope(measure, quarters, quarters == 2);
      of.quarter_weight = 0.5;
      of.investor_weight = "size";
      const Cells cells = view.cells(of);
      for (const CellRow& row : cells.rows) out.push_back(at::tensor({row.investor, row.quarter.days}).to(at::kDouble));
      out.insert(out.end(), {doubles(cells.start), doubles(cells.asset), doubles(cells.value),
                             doubles(view.weights(cells, of)), doubles(std::vector<int>{view.known_at(of).days})});
    }
  return out;
}

constexpr int cut = 3, quarters = 5, filing_days = 60;

enum class Later { noise, deletion };

// Changes what is known only after the filings of quarter `cut`, or after its end where a file has no filings.
EmbeddingsData changed_later(EmbeddingsData data, Later how) {
  const EmbeddingsData other = random_data(20, 15, quarters, 0.6, 99);
  for (size_t q = 0; q < data.holdings.quarters.size(); ++q) {
    HoldingsQuarter& of = data.holdings.quarters[q];
    const auto is_late = [&](const Position& p) { return p.known_at.days > of.date.days + filing_days; };
    std::vector<Position> positions = of.positions;
    if (how == Later::deletion) std::erase_if(positions, is_late);
    for (Position& p : positions)
      if (is_late(p)) p.dollars *= 50, p.shares /= 7;
    if (q > cut) positions = how == Later::noise ? other.holdings.quarters[q].positions : std::vector<Position>();
    of = data.holdings.indexed(of.date, std::move(positions));
  }
  const at::Tensor R = data.daily.R.clone();
  for (size_t t = 0; t < data.daily.end.size(); ++t)
    if (data.daily.end[t] > quarter_end(cut))
      R[static_cast<int64_t>(t)].fill_(how == Later::noise ? 3.0 : std::nan(""));
  data.daily.R = R;
  if (how == Later::noise && !data.vectors.empty()) {
    const at::Tensor X = data.vectors[0].X.clone();
    for (size_t i = 0; i < data.vectors[0].date.size(); ++i)
      if (std::max(data.vectors[0].date[i], data.vectors[0].known_at[i]) > quarter_end(cut))
        X[static_cast<int64_t>(i)].fill_(3.0);
    data.vectors[0].X = X;
  }
  return data;
}

// Market equity of months, as a panel gives it.
DatedValues monthly_equity(int months, int64_t assets, int last_same) {
  DatedValues out{{}, random_normal("equity", {months, assets}).exp(), at::zeros({months, assets}, at::kInt)};
  for (int m = 0; m < months; ++m) {
    out.date.push_back(month_end(m));
    if (m > last_same) out.value[m].mul_(100.0 * (m % 3));
  }
  return out;
}

// A row for each asset and quarter, dated ten days before its end and readable up to 60 days later.
DatedVectors quarterly_vectors(int assets) {
  DatedVectors out{.start = {0}, .X = random_normal("vectors", {assets * quarters, 2})};
  Stream stream(1, "known");
  for (int a = 0; a < assets; ++a) {
    for (int q = 0; q < quarters; ++q) {
      out.date.push_back({quarter_end(q).days - 10});
      out.known_at.push_back({out.date.back().days + static_cast<int>(stream.below(60))});
    }
    out.start.push_back(static_cast<int64_t>(out.date.size()));
  }
  return out;
}

SampleConfig cut_rules() {
  SampleConfig out = rules(4, 4, filing_days);
  out.rules.min_size_quantile = 0.2;
  return out;
}

void expect_same(const EmbeddingsData& data, const EmbeddingsData& changed) {
  const auto before = told(data, cut_rules(), cut), after = told(changed, cut_rules(), cut);
  ASSERT_EQ(before.size(), after.size());
  for (size_t k = 0; k < before.size(); ++k) EXPECT_TRUE(same_bits(before[k], after[k])) << "at " << k;
}

TEST(QuarterView, nothing_that_is_known_later_changes_a_bit) {
  EmbeddingsData data = random_data(20, 15, quarters, 0.6);
  data.daily = random_daily(quarters, 15);
  data.vectors = {quarterly_vectors(15)};
  for (const Later how : {Later::noise, Later::deletion}) {
    EmbeddingsData changed = changed_later(data, how);
    changed.market_equity = total_holdings(changed.holdings, 400);
    expect_same(data, changed);
  }
}

TEST(QuarterView, nothing_later_in_the_panel_changes_a_bit) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "loadstone_quarter_view";
  EmbeddingsData data = random_data(20, 15, quarters, 0.6);
  data.daily = random_daily(quarters, 15);
  EmbeddingsData changed = changed_later(data, Later::noise), shorter = changed_later(data, Later::deletion);
  const int months = 3 * quarters, last = 3 * cut + 2;
  add_panel(data, folder / "a", months, [](int) { return 1; });
  add_panel(changed, folder / "b", months, [&](int m) { return m <= last ? 1 : 2; });
  add_panel(shorter, folder / "c", last + 1, [](int) { return 1; });
  data.market_equity = monthly_equity(months, 15, months);
  changed.market_equity = monthly_equity(months, 15, last);
  shorter.market_equity = monthly_equity(months, 15, last);
  expect_same(data, changed);
  expect_same(data, shorter);
}

// --- the sample

TEST(QuarterView, late_positions_are_left_out_and_counted) {
  EmbeddingsData data = empty_data(2, 2);
  const Date end = quarter_end(0);
  data.holdings.add_quarter(end, {{0, 0, 1, 1, {end.days + 60}}, {0, 1, 2, 2, {end.days + 61}}, {1, 1, 3, 3, end}});
  const QuarterView view(data, everything(60), 0);
  EXPECT_EQ(view.late_positions(), 1);
  EXPECT_THAT(lines(view.cells({}), data.holdings),
              ElementsAre("2000-03-31 I100 A100 0.000000", "2000-03-31 I101 A101 1.098612"));
  EXPECT_EQ(view.known_at().text(), "2000-05-30");
  EXPECT_EQ(view.sample().investors, 2);
  EXPECT_EQ(view.sample().assets, 2);
}

TEST(QuarterView, is_known_with_the_last_filing_of_every_quarter_in_it) {
  EmbeddingsData data = empty_data(1, 1);
  const auto add = [&](int q, int lag) {
    data.holdings.add_quarter(quarter_end(q), {{0, 0, 1, 1, {quarter_end(q).days + lag}}});
  };
  add(0, 10), add(1, 300), add(2, 30);
  const QuarterView view(data, everything(400), 2);
  EXPECT_EQ(view.known_at().days, quarter_end(2).days + 30);
  EXPECT_EQ(view.known_at(scope("log_holdings", 1)).days, quarter_end(2).days + 30);
  EXPECT_EQ(view.known_at(scope("log_holdings", 2)).days, quarter_end(1).days + 300);
  EXPECT_EQ(view.known_at(scope("rebalancing", 1)).days, quarter_end(1).days + 300);  // reaches back by one more
}

// --- cells

// March: I100 holds A100 to A102, I101 A100 and A103. June: A103 is gone, I101 has one asset left and falls out.
EmbeddingsData two_quarters() {
  EmbeddingsData out = empty_data(3, 4);
  add_quarter(out, 0, {{0, 0, 1}, {0, 1, 2}, {0, 2, 4}, {1, 0, 8}, {1, 3, 16}, {2, 1, 3}, {2, 3, 3}});
  add_quarter(out, 1, {{0, 0, 3}, {0, 1, 2}, {1, 0, 8}, {2, 0, 5}, {2, 1, 10}});
  return out;
}

TEST(QuarterView, earlier_quarters_come_in_the_newest_vocabulary_and_keep_its_rule) {
  const EmbeddingsData data = two_quarters();
  const QuarterView view(data, rules(2, 2), 1);
  EXPECT_THAT(view.vocabulary(), ElementsAre(0, 1));
  EXPECT_EQ(view.sample().investors, 2);
  // In March I101 and I102 hold one asset of the vocabulary each: below min_assets.
  const Cells cells = view.cells(scope("log_holdings", 7));
  EXPECT_THAT(
      lines(cells, data.holdings),
      ElementsAre("2000-03-31 I100 A100 0.000000", "2000-03-31 I100 A101 0.693147", "2000-06-30 I100 A100 1.098612",
                  "2000-06-30 I100 A101 0.693147", "2000-06-30 I102 A100 1.609438", "2000-06-30 I102 A101 2.302585"));
  EXPECT_EQ(view.cells({}).rows.size(), 2U);
}

TEST(QuarterView, active_weights_compare_with_the_samples_own_totals) {
  const EmbeddingsData data = two_quarters();
  const QuarterView view(data, rules(2, 2), 1);
  // I100 holds 3 and 2, I102 5 and 10: of A100 8, of A101 12, of all 20.
  EXPECT_THAT(view.cells(scope("active_weights")).value,
              ElementsAre(DoubleEq(std::log(3.0 / 5 / (8.0 / 20))), DoubleEq(std::log(2.0 / 5 / (12.0 / 20))),
                          DoubleEq(std::log(5.0 / 15 / (8.0 / 20))), DoubleEq(std::log(10.0 / 15 / (12.0 / 20)))));
}

TEST(QuarterView, ranks_are_within_each_investors_row) {
  const EmbeddingsData data = two_quarters();
  const QuarterView view(data, rules(2, 2), 1);
  EXPECT_THAT(view.cells(scope("log_holdings", 1, true)).value, ElementsAre(1.0, 0.5, 0.5, 1.0));
}

TEST(QuarterView, rebalancing_is_from_quarter_to_quarter_and_leaving_the_sample_is_no_exit) {
  EmbeddingsData data = empty_data(2, 4);
  // A102 is left by I100 and bought by I101; A103 falls from June's sample, since I100 alone has it.
  add_quarter(data, 0, {{0, 0, 1}, {0, 1, 2}, {0, 2, 2}, {0, 3, 9}, {1, 0, 3}, {1, 1, 4}, {1, 3, 9}});
  add_quarter(data, 1, {{0, 0, 3}, {0, 1, 2}, {0, 3, 9}, {1, 0, 1}, {1, 1, 4}, {1, 2, 6}});
  add_quarter(data, 2, {{0, 0, 3}, {0, 1, 4}, {0, 2, 1}, {1, 0, 1}, {1, 1, 4}, {1, 2, 6}});
  const QuarterView june(data, rules(1, 2), 1);
  SampleConfig both = rules(2, 2);
  const QuarterView strict(data, both, 1);
  EXPECT_THAT(strict.vocabulary(), ElementsAre(0, 1));
  EXPECT_THAT(lines(strict.cells(scope("rebalancing")), data.holdings),
              ElementsAre("2000-06-30 I100 A100 1.000000", "2000-06-30 I100 A101 0.000000",
                          "2000-06-30 I101 A100 -1.000000", "2000-06-30 I101 A101 0.000000"));
  const Cells of_june = june.cells(scope("rebalancing"));
  EXPECT_THAT(
      lines(of_june, data.holdings),
      ElementsAre("2000-06-30 I100 A100 1.000000", "2000-06-30 I100 A101 0.000000", "2000-06-30 I100 A102 -2.000000",
                  "2000-06-30 I100 A103 0.000000", "2000-06-30 I101 A100 -1.000000", "2000-06-30 I101 A101 0.000000",
                  "2000-06-30 I101 A102 2.000000", "2000-06-30 I101 A103 -2.000000"));
  const Cells two = QuarterView(data, rules(1, 2), 2).cells(scope("rebalancing", 2));
  EXPECT_EQ(two.rows.size(), 4U);
  EXPECT_EQ(two.rows.front().quarter, quarter_end(1));
  EXPECT_THAT(failure([&] { QuarterView(data, rules(1, 2), 0).cells(scope("rebalancing")); }),
              HasSubstr("2000-03-31: there is no quarter before it"));
}

// --- weights

TEST(QuarterView, weights_are_the_quarters_times_the_investors) {
  EmbeddingsData data = empty_data(2, 2);
  data.labels.investors.add("breadth", std::vector<double>{3.0, 5.0});
  data.labels.investors.add("kind", std::vector<std::string>{"bank", "fund"});
  add_quarter(data, 0, {{0, 0, 1}, {0, 1, 2}, {1, 0, 5}});
  add_quarter(data, 1, {{0, 0, 2}, {0, 1, 2}, {1, 1, 12}});
  const QuarterView view(data, everything(), 1);
  EmbeddingScope of = scope("log_holdings", 2);
  const auto weights = [&] { return view.weights(view.cells(of), of); };
  EXPECT_TRUE(weights().empty());  // all equal
  of.quarter_weight = 0.5;
  EXPECT_THAT(weights(), ElementsAre(DoubleEq(2.0 / 3), DoubleEq(2.0 / 3), DoubleEq(4.0 / 3), DoubleEq(4.0 / 3)));
  of.investor_weight = "size";  // 1.5, 2.5, 4, 12: their mean is 5
  EXPECT_THAT(weights(), ElementsAre(0.3, 0.5, 0.8, 2.4));
  of.investor_weight = "breadth";
  of.quarter_weight = 1.0;
  EXPECT_THAT(weights(), ElementsAre(0.75, 1.25, 0.75, 1.25));
  of.investor_weight = "kind";
  EXPECT_THAT(failure(weights, ErrorKind::usage), HasSubstr("Valid: equal, size, breadth"));
  of.investor_weight = "breath";
  EXPECT_THAT(failure(weights, ErrorKind::usage), HasSubstr("Nearest: `breadth`"));
}

TEST(QuarterView, weights_that_are_missing_or_zero_are_refused_by_name) {
  EmbeddingsData data = empty_data(2, 1);
  data.labels.investors.add("size", std::vector<double>{1.0, std::nan("")});
  data.labels.investors.add("number", std::vector<double>{1.0, std::nan("")});
  add_quarter(data, 0, {{0, 0, 1}, {1, 0, 5}});
  const QuarterView view(data, everything(), 0);
  EmbeddingScope of;
  of.investor_weight = "number";
  EXPECT_THAT(failure([&] { view.weights(view.cells(of), of); }), HasSubstr("investor I101 has the weight nan"));
  of.investor_weight = "size";
  EXPECT_THAT(view.weights(view.cells(of), of), ElementsAre(DoubleEq(1.0 / 3), DoubleEq(5.0 / 3)));
}

// --- other data

TEST(QuarterView, daily_returns_are_those_of_the_quarters_three_months) {
  EmbeddingsData data = random_data(4, 5, 6, 0.9);
  data.daily = random_daily(6, 5);
  for (const int q : {0, 1, 4}) {  // from January 2000, April, January 2001
    const QuarterView view(data, everything(), static_cast<size_t>(q));
    const auto first = std::find(data.daily.end.begin(), data.daily.end.end(), Date{month_end(3 * q - 1).days + 1});
    const auto days = quarter_end(q).days - month_end(3 * q - 1).days;
    const at::Tensor expected = data.daily.R.narrow(0, first - data.daily.end.begin(), days);
    EXPECT_TRUE(same_bits(view.daily_returns(), expected)) << q;
  }
  data.daily = {};
  EXPECT_EQ(QuarterView(data, everything(), 1).daily_returns().sizes(), at::IntArrayRef({0, 5}));
}

TEST(QuarterView, characteristics_are_the_quarters_and_by_name) {
  EmbeddingsData data = empty_data(1, 3);
  add_quarter(data, 0, {{0, 0, 1}, {0, 2, 1}});
  add_quarter(data, 1, {{0, 0, 1}});
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_quarter_view_panel", 4, [](int) { return 1; });
  const QuarterView view(data, everything(), 0);
  const at::Tensor all = view.characteristics({"all"}), value = view.characteristics({"value"});
  const at::Tensor march = data.panel->as_of(quarter_end(0)).cross_section(2).block("rank").to(at::kDouble);
  EXPECT_TRUE(same_bits(all[0], march[0]));
  EXPECT_TRUE(at::isnan(all[1]).all().item<bool>());  // the panel does not know A102
  EXPECT_TRUE(same_bits(value.select(1, 0), all.select(1, 1)));
  EXPECT_THAT(failure([&] { view.characteristics({"valu"}); }, ErrorKind::usage), HasSubstr("Nearest: `value`"));
  EXPECT_THAT(failure([&] { QuarterView(data, everything(), 1).characteristics({"all"}); }),
              HasSubstr("no cross-section of 2000-06-30"));
  data.panel.reset();
  EXPECT_THAT(failure([&] { view.characteristics({"all"}); }), HasSubstr("[data.panel]"));
}

TEST(QuarterView, an_empty_sample_says_which_rule_to_lower) {
  const EmbeddingsData data = two_quarters();
  EXPECT_THAT(failure([&] { QuarterView(data, rules(4, 1), 1); }),
              HasSubstr("2000-06-30: no sample has at least 4 investors an asset"));
}

// --- without

TEST(QuarterView, what_is_held_out_is_gone_from_every_quarter) {
  const EmbeddingsData data = two_quarters();
  const QuarterView whole(data, everything(), 1);
  std::vector<bool> out(whole.positions().positions.size(), false);
  out[1] = true;  // A101 of I100
  const QuarterView view = whole.without(out);
  EXPECT_EQ(view.positions().positions.size(), 4U);
  EXPECT_EQ(view.vocabulary(), whole.vocabulary());
  EXPECT_EQ(whole.positions().positions.size(), 5U);
  for (const char* measure : {"log_holdings", "rebalancing"})
    for (const std::string& line : lines(view.cells(scope(measure, 2)), data.holdings))
      EXPECT_THAT(line, testing::Not(HasSubstr("I100 A101"))) << measure;  // no earlier holding, and no false exit
  EXPECT_THAT(lines(view.cells(scope("rebalancing")), data.holdings),
              testing::Contains("2000-06-30 I100 A100 1.000000"));
}

TEST(QuarterView, an_asset_without_holders_stays_in_the_vocabulary) {
  EmbeddingsData data = empty_data(2, 2);
  add_quarter(data, 0, {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}});
  const QuarterView view = QuarterView(data, everything(), 0).without({false, true, false});
  EXPECT_THAT(view.vocabulary(), ElementsAre(0, 1));
  EXPECT_EQ(view.cells({}).assets.size(), 2U);
  EXPECT_EQ(view.cells({}).value.size(), 2U);
}

}  // namespace
}  // namespace loadstone
