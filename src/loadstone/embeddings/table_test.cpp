// Vectors from a user's file in place of an embedding, by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/observed.h"
#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::ElementsAre;
using testing::HasSubstr;

struct Row {
  std::string asset, date, known_at;
  std::vector<double> x;
};

// Rows by asset and date.
DatedVectors vectors(const std::vector<Row>& rows, const std::vector<std::string>& assets,
                     const AssetVectorsConfig& config = {}) {
  AssetVectors read{.values = {static_cast<int>(rows[0].x.size()), {}}};
  for (const Row& row : rows) {
    read.asset.push_back(row.asset), read.date.push_back(day(row.date)), read.known_at.push_back(day(row.known_at));
    read.values.values.insert(read.values.values.end(), row.x.begin(), row.x.end());
  }
  read.report.kept = static_cast<int64_t>(rows.size());
  return dated_vectors(read, config, assets);
}

// One investor holds every asset in quarters that end on 2000-03-31, 2000-06-30, ...
EmbeddingsData held(int assets, int quarters) {
  EmbeddingsData out = empty_data(1, assets);
  std::vector<Held> all;
  for (int a = 0; a < assets; ++a) all.push_back({0, a, 1.0 + a});
  for (int q = 0; q < quarters; ++q) add_quarter(out, q, all);
  return out;
}

const std::vector<Row> annual{{"A100", "1999-12-31", "2000-03-31", {1, 10}},
                              {"A100", "2000-03-15", "2000-07-01", {2, 20}},
                              {"A101", "2000-01-31", "2000-05-01", {3, 30}},
                              {"A103", "2000-06-30", "2000-06-30", {4, 40}}};

TEST(TableVectors, of_each_asset_the_newest_row_that_could_be_read_at_the_quarters_end) {
  EmbeddingsData data = held(4, 3);
  data.vectors = {vectors(annual, data.holdings.assets)};
  const auto fit = [&](size_t q) { return TableVectors({}).fit(QuarterView(data, everything(), q)); };
  EXPECT_THAT(fit(0).assets, ElementsAre(0));
  EXPECT_TRUE(fit(0).X.equal(at::tensor({1.0, 10.0}, at::kDouble).view({1, 2})));
  EXPECT_THAT(fit(1).assets, ElementsAre(0, 1, 3));
  EXPECT_TRUE(fit(1).X.equal(at::tensor({1.0, 10.0, 3.0, 30.0, 4.0, 40.0}, at::kDouble).view({3, 2})));
  EXPECT_TRUE(fit(2).X[0].equal(at::tensor({2.0, 20.0}, at::kDouble)));
  EXPECT_EQ(fit(1).known_at.days, quarter_end(1).days + 30);  // as the sample that it describes
  EXPECT_TRUE(std::isnan(fit(0).r2) && fit(0).investors.empty());
}

TEST(TableVectors, are_the_same_bits_whatever_can_be_read_later) {
  EmbeddingsData data = held(4, 2);
  data.vectors = {vectors(annual, data.holdings.assets)};
  EmbeddingsData later = data;
  std::vector<Row> more = annual;
  more[1].x = {-7, 7}, more[3].x = {9, 9};
  more.insert(more.begin() + 2, {"A100", "2000-03-20", "2000-04-01", {5, 5}});
  later.vectors = {vectors(more, data.holdings.assets)};
  const auto fit = [](const EmbeddingsData& of, size_t q) {
    return TableVectors({}).fit(QuarterView(of, everything(), q)).X;
  };
  EXPECT_TRUE(same_bits(fit(data, 0), fit(later, 0)));
  EXPECT_FALSE(same_bits(fit(data, 1), fit(later, 1)));  // what is known by then does count
}

TEST(TableVectors, older_ones_than_the_oldest_allowed_are_absent) {
  EmbeddingsData data = held(4, 2);
  const auto assets_at_age = [&](int days) {
    data.vectors = {vectors(annual, data.holdings.assets, {.max_age = days})};
    return TableVectors({}).fit(QuarterView(data, everything(), 1)).assets;
  };
  EXPECT_THAT(assets_at_age(182), ElementsAre(0, 1, 3));  // 1999-12-31 to 2000-06-30
  EXPECT_THAT(assets_at_age(181), ElementsAre(1, 3));
}

TEST(TableVectors, can_be_cut_to_principal_components) {
  EmbeddingsData data = held(12, 1);
  const at::Tensor X = random_normal("table", {11, 3}) * 5.0 + 2.0;
  std::vector<Row> rows;
  for (int64_t a = 0; a < 11; ++a) {
    const double* x = X.const_data_ptr<double>() + 3 * a;
    // The last two repeat the first, in other units: three dimensions.
    rows.push_back({data.holdings.assets[static_cast<size_t>(a)],
                    "2000-01-31",
                    "2000-01-31",
                    {x[0], x[1], x[2], 100 * x[0], 3 - x[0]}});
  }
  data.vectors = {vectors(rows, data.holdings.assets)};
  const QuarterView view(data, everything(), 0);
  const QuarterVectors fit = TableVectors({.from = "", .K = 2}).fit(view);
  ASSERT_EQ(fit.X.sizes(), at::IntArrayRef({11, 2}));
  EXPECT_EQ(fit.Lambda.sizes(), at::IntArrayRef({0, 2}));
  EXPECT_LT((fit.X.t().mm(fit.X) / 11.0 - at::eye(2, at::kDouble)).abs().max().item<double>(), 1e-12);
  // Against the eigenvectors of the correlations.
  const at::Tensor raw = TableVectors({}).fit(view).X;
  const at::Tensor Z = (raw - raw.mean(0)) / raw.std(at::IntArrayRef{0}, false);
  const auto [values, V] = at::linalg_eigh(Z.t().mm(Z) / 11.0);
  const at::Tensor scores = Z.mm(V).narrow(1, 3, 2).flip(1) / values.narrow(0, 3, 2).flip(0).sqrt();
  EXPECT_LT((fit.X.t().mm(scores).abs() / 11.0 - at::eye(2, at::kDouble)).abs().max().item<double>(), 1e-10);
  EXPECT_THAT(failure([&] { TableVectors({.from = "", .K = 4}).fit(view); }), HasSubstr("only 3 dimensions"));
}

TEST(TableVectors, are_chosen_by_name) {
  EmbeddingsData data = held(4, 1);
  const auto X = [&](const std::string& from) {
    return TableVectors({.from = from}).fit(QuarterView(data, everything(), 0)).X[0][0].item<double>();
  };
  EXPECT_THAT(failure([&] { X(""); }), HasSubstr("[data.vectors], and there is none"));
  const auto add = [&](const std::string& name, double x) {
    data.vectors.push_back(vectors({{"A101", "1999-12-31", "1999-12-31", {x}}}, data.holdings.assets, {.name = name}));
  };
  add("reports", 1);
  EXPECT_EQ(X(""), 1);
  add("news", 2);
  EXPECT_EQ(X("news"), 2);
  EXPECT_THAT(failure([&] { X(""); }, ErrorKind::usage), HasSubstr("Valid: reports, news"));
  EXPECT_THAT(failure([&] { X("new"); }, ErrorKind::usage), HasSubstr("Nearest: `news`"));
}

TEST(TableVectors, of_assets_that_nobody_holds_are_counted_or_refused) {
  AssetVectors read{.asset = {"A100", "B1", "B1"},
                    .date = {day("2000-01-31"), day("2000-01-31"), day("2001-01-31")},
                    .known_at = {day("2000-01-31"), day("2000-01-31"), day("2001-01-31")},
                    .values = {1, {1, 2, 3}},
                    .report = {.rows = 5, .kept = 3}};
  AssetVectors other = read;
  EXPECT_THAT(dated_vectors(read, {}, {"A099", "A100"}).start, ElementsAre(0, 0, 1));
  EXPECT_EQ(read.report.kept, 1);
  EXPECT_EQ(read.report.dropped.at("asset that nobody holds"), 2);
  EXPECT_THAT(failure([&] { dated_vectors(other, {}, {"C1", "C2"}); }), HasSubstr("such as `A100`"));
  AssetVectors none{.report = {.rows = 5}};
  EXPECT_THAT(failure([&] { dated_vectors(none, {}, {"C1"}); }), HasSubstr("none of 5 rows"));
}

TEST(TableVectors, that_could_not_be_read_yet_say_so) {
  EmbeddingsData data = held(4, 1);
  data.vectors = {vectors({annual[1]}, data.holdings.assets)};
  EXPECT_THAT(failure([&] { TableVectors({}).check(QuarterView(data, everything(), 0)); }),
              HasSubstr("2000-03-31: no asset of the sample has a vector in [data.vectors]"));
}

}  // namespace
}  // namespace loadstone
