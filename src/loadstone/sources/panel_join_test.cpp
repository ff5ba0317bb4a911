// Vectors of another run as characteristics: what was known at a row's date, and nothing else.
#include "loadstone/sources/panel_join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "loadstone/core/error.h"
#include "loadstone/data/table.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class PanelJoinTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "loadstone_panel_join_test";
    fs::remove_all(folder_);
    PanelInfo info;
    info.blocks["rank"] = {"c1"};
    PanelWriter writer = PanelWriter::create(folder_ / "store", info);
    for (const char* date : {"2020-03-31", "2020-04-30", "2020-05-31", "2020-06-30"}) {
      PanelRows rows;
      rows.date = Date::parse(date);
      rows.return_end = rows.date.next_month_end();
      rows.assets = {"A", "B", "C"};
      rows.returns = rows.market_equity = {1, 1, 1};
      rows.size_group = {0, 0, 0};
      rows.blocks["rank"] = {-0.5F, 0.0F, 0.5F};
      writer.add(rows);
    }
    writer.close();
  }
  void TearDown() override { fs::remove_all(folder_); }

  struct Row {
    std::string key, date, known_at;
    double x;
    std::string kind = "asset";
  };
  void write(const std::vector<Row>& rows, bool aligned = true) {
    Table table;
    std::vector<std::string> kind, key;
    std::vector<Date> date, known_at;
    DoubleVectors vector{2, {}};
    for (const Row& row : rows) {
      kind.push_back(row.kind), key.push_back(row.key);
      date.push_back(Date::parse(row.date)), known_at.push_back(Date::parse(row.known_at));
      vector.values.insert(vector.values.end(), {row.x, -row.x});
    }
    table.add("kind", kind);
    table.add("key", key);
    table.add("date", date);
    table.add("known_at", known_at);
    table.add("vector", vector);
    if (aligned) table.metadata["aligned"] = "to earlier quarters";
    write_parquet(table, folder_ / "vectors.parquet");
  }

  PanelJoin join(const std::string& standardise = "none", int max_age = 200) {
    PanelJoinConfig config{.name = "emb", .path = "vectors.parquet", .standardise = standardise, .max_age = max_age};
    return join_vectors(folder_ / "store", {config}, folder_).at(0);
  }
  // First joined number of the three assets at a date.
  std::vector<float> first(size_t t) {
    const Panel panel = Panel::open(folder_ / "store");
    const at::Tensor block = panel.as_of(panel.dates()[t]).cross_section(t).block("emb");
    std::vector<float> out;
    for (int64_t i = 0; i < 3; ++i) out.push_back(block[i][0].item<float>());
    return out;
  }
  std::string failure() {
    try {
      join();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  fs::path folder_;
};

TEST_F(PanelJoinTest, a_vector_counts_from_the_day_it_was_known) {
  write({{"A", "2020-03-31", "2020-05-15", 1}, {"B", "2020-03-31", "2020-03-31", 2}});
  const PanelJoin counts = join();
  EXPECT_THAT(first(0), ElementsAre(0, 2, 0));
  EXPECT_THAT(first(1), ElementsAre(0, 2, 0));
  EXPECT_THAT(first(2), ElementsAre(1, 2, 0));
  EXPECT_EQ(counts.rows, 12);
  EXPECT_EQ(counts.matched, 4 + 2);
}

TEST_F(PanelJoinTest, the_newest_described_date_counts_not_the_newest_filing) {
  write({{"A", "2020-03-31", "2020-05-20", 1}, {"A", "2020-04-30", "2020-05-10", 2}});
  join();
  EXPECT_THAT(first(2), ElementsAre(2, 0, 0));
}

TEST_F(PanelJoinTest, a_vector_grows_old) {
  write({{"A", "2020-03-31", "2020-03-31", 1}});
  join("none", 30);
  EXPECT_THAT(first(1), ElementsAre(1, 0, 0));  // 30 days later
  EXPECT_THAT(first(2), ElementsAre(0, 0, 0));
}

TEST_F(PanelJoinTest, numbers_are_standardised_over_the_rows_that_have_one) {
  write({{"A", "2020-03-31", "2020-03-31", 1}, {"B", "2020-03-31", "2020-03-31", 5}});
  join("z");
  EXPECT_THAT(first(0), ElementsAre(-1, 1, 0));
}

TEST_F(PanelJoinTest, ranks_span_a_unit) {
  write({{"A", "2020-03-31", "2020-03-31", 1},
         {"B", "2020-03-31", "2020-03-31", 5},
         {"C", "2020-03-31", "2020-03-31", 50}});
  join("rank");
  EXPECT_THAT(first(0), ElementsAre(-0.5F, 0, 0.5F));
}

TEST_F(PanelJoinTest, later_vectors_change_no_earlier_row) {
  const std::vector<Row> early{{"A", "2020-03-31", "2020-04-30", 1}, {"B", "2020-03-31", "2020-04-30", 3}};
  write(early);
  join("z");
  const std::vector<float> before = first(1);
  SetUp();
  std::vector<Row> all = early;
  all.push_back({"A", "2020-03-31", "2020-05-01", 70});
  all.push_back({"C", "2020-04-30", "2020-05-31", 9});
  write(all);
  join("z");
  EXPECT_EQ(first(1), before);
}

TEST_F(PanelJoinTest, all_holds_the_panels_own_and_the_joined_columns) {
  write({{"A", "2020-03-31", "2020-03-31", 4}});
  join();
  const Panel panel = Panel::open(folder_ / "store");
  EXPECT_THAT(panel.info().blocks.at("all"), ElementsAre("c1", "emb_1", "emb_2"));
  const at::Tensor all = panel.as_of(panel.dates()[0]).cross_section(0).block("all");
  EXPECT_EQ(all[0][0].item<float>(), -0.5F);
  EXPECT_EQ(all[0][1].item<float>(), 4.0F);
  EXPECT_EQ(all[0][2].item<float>(), -4.0F);
}

TEST_F(PanelJoinTest, vectors_that_turn_from_date_to_date_are_refused) {
  write({{"A", "2020-03-31", "2020-03-31", 1}, {"A", "2020-04-30", "2020-04-30", 2}}, false);
  EXPECT_THAT(failure(), HasSubstr("not aligned to earlier dates"));
}

TEST_F(PanelJoinTest, what_matches_nothing_is_an_error) {
  write({{"X", "2020-03-31", "2020-03-31", 1}});
  EXPECT_THAT(failure(), HasSubstr("no row of the panel has a vector"));
  SetUp();
  write({{"A", "2020-03-31", "2020-03-31", 1, "investor"}});
  EXPECT_THAT(failure(), HasSubstr("no vectors of assets"));
}

}  // namespace
}  // namespace loadstone
