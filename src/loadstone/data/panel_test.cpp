#include "loadstone/data/panel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

fs::path new_store(const std::string& name) {
  const fs::path path = fs::path(testing::TempDir()) / "loadstone_panel" / name;
  fs::remove_all(path);
  return path;
}

template <class Body>
std::string failure(const Body& body, ErrorKind kind = ErrorKind::data) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

PanelInfo info() { return {Frequency::monthly, "test", "known_at", {{"raw", {"size", "value"}}}, {{"rank", "none"}}}; }

PanelRows month(const std::string& date, std::vector<std::string> assets, float first = 1) {
  PanelRows rows;
  rows.date = Date::parse(date);
  rows.return_end = rows.date.next_month_end();
  for (size_t i = 0; i < assets.size(); ++i) {
    const float x = first + static_cast<float>(i);
    rows.returns.push_back(x / 100);
    rows.market_equity.push_back(10 * x);
    rows.size_group.push_back(static_cast<int8_t>(i % 5));
    rows.blocks["raw"].insert(rows.blocks["raw"].end(), {x, -x});
  }
  rows.assets = std::move(assets);
  rows.blocks["raw"];
  return rows;
}

fs::path three_months(const std::string& name) {
  const fs::path store = new_store(name);
  auto writer = PanelWriter::create(store, info());
  writer.add(month("1999-11-30", {"b", "a", "c"}));
  writer.add(month("1999-12-31", {"c", "d"}, 5));
  writer.add(month("2000-01-31", {"a"}, 9));
  writer.close();
  return store;
}

std::vector<float> numbers(const at::Tensor& block) {
  const float* data = block.const_data_ptr<float>();
  return {data, data + block.numel()};
}
std::vector<std::string> names(const Panel& panel, const CrossSection& month) {
  std::vector<std::string> out;
  for (const int32_t asset : month.assets) out.push_back(panel.asset_names()[static_cast<size_t>(asset)]);
  return out;
}

TEST(Panel, comes_back_as_it_was_written) {
  const Panel panel = Panel::open(three_months("round_trip"), true);
  EXPECT_EQ(panel.info().blocks.at("raw"), (std::vector<std::string>{"size", "value"}));
  EXPECT_EQ(panel.info().notes.at("rank"), "none");
  EXPECT_THAT(panel.asset_names(), ElementsAre("b", "a", "c", "d"));
  ASSERT_EQ(panel.dates().size(), 3U);
  EXPECT_EQ(panel.return_ends()[2].text(), "2000-02-29");
  const auto view = panel.as_of(Date::parse("2000-02-29"));
  const auto december = view.realised(1);
  EXPECT_THAT(names(panel, december.known), ElementsAre("c", "d"));
  EXPECT_THAT(december.returns, ElementsAre(0.05F, 0.06F));
  EXPECT_THAT(december.known.market_equity, ElementsAre(50.F, 60.F));
  EXPECT_THAT(december.known.size_group, ElementsAre(0, 1));
  EXPECT_EQ(december.known.block("raw").sizes(), (at::IntArrayRef{2, 2}));
  EXPECT_THAT(numbers(december.known.block("raw")), ElementsAre(5, -5, 6, -6));
}

TEST(Panel, gives_blocks_in_place_aligned_to_64_bytes) {
  const Panel panel = Panel::open(three_months("aligned"));
  const auto view = panel.as_of(Date::parse("2000-01-31"));
  for (size_t i = 0; i < 3; ++i) {
    const auto section = view.cross_section(i);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(section.block("raw").const_data_ptr()) % 64, 0U);
    EXPECT_EQ(section.block("raw").const_data_ptr(), view.cross_section(i).block("raw").const_data_ptr());
  }
}

TEST(Panel, keeps_its_memory_while_a_tensor_of_it_lives) {
  at::Tensor block;
  { block = Panel::open(three_months("lifetime")).as_of(Date::parse("2000-01-31")).cross_section(0).block("raw"); }
  EXPECT_THAT(numbers(block), ElementsAre(1, -1, 2, -2, 3, -3));
}

TEST(PanelView, shows_nothing_later_than_its_date) {
  const Panel panel = Panel::open(three_months("view"));
  const auto view = panel.as_of(Date::parse("1999-12-31"));
  EXPECT_EQ(view.dates().size(), 2U);
  EXPECT_TRUE(view.is_realised(0));
  EXPECT_FALSE(view.is_realised(1));  // its return ends in January
  EXPECT_FALSE(view.is_realised(2));
  EXPECT_NO_THROW(static_cast<void>(view.cross_section(1)));
  EXPECT_THROW(static_cast<void>(view.realised(1)), std::logic_error);
  EXPECT_THROW(static_cast<void>(view.cross_section(2)), std::logic_error);
  EXPECT_EQ(panel.as_of(Date::parse("1999-12-30")).dates().size(), 1U);
  EXPECT_TRUE(panel.as_of(Date::parse("1980-01-01")).dates().empty());
}

TEST(PanelWriter, leaves_out_rows_known_late_and_counts_them) {
  const fs::path store = new_store("late");
  auto writer = PanelWriter::create(store, info());
  auto rows = month("1999-11-30", {"a", "b", "c"});
  rows.known_at = {rows.date, Date::parse("1999-12-01"), Date::parse("1999-10-31")};
  writer.add(rows);
  writer.close();
  const Panel panel = Panel::open(store);
  const auto section = panel.as_of(rows.date).cross_section(0);
  EXPECT_THAT(names(panel, section), ElementsAre("a", "c"));
  EXPECT_THAT(numbers(section.block("raw")), ElementsAre(1, -1, 3, -3));
  EXPECT_EQ(panel.late_rows(), 1);
}

TEST(PanelWriter, appends_files_and_leaves_those_there_alone) {
  const fs::path store = three_months("append");
  std::map<fs::path, std::string> before;
  for (const auto& entry : fs::directory_iterator(store))
    if (entry.path().extension() == ".arrow") before[entry.path()] = hash_file(entry.path());
  const std::string old_hash = Panel::open(store).hash();
  auto writer = PanelWriter::append(store);
  writer.add(month("2000-02-29", {"e", "a"}, 20));
  writer.add(month("2001-01-31", {"b"}, 30));
  writer.close();
  ASSERT_EQ(before.size(), 2U);
  for (const auto& [path, hash] : before) EXPECT_EQ(hash_file(path), hash) << path;
  const Panel panel = Panel::open(store, true);
  EXPECT_NE(panel.hash(), old_hash);
  EXPECT_EQ(panel.dates().size(), 5U);
  const auto february = panel.as_of(Date::parse("2001-01-31")).cross_section(3);
  EXPECT_THAT(names(panel, february), ElementsAre("a", "e"));  // by number: "a" is older
  EXPECT_THAT(numbers(february.block("raw")), ElementsAre(21, -21, 20, -20));
}

TEST(PanelWriter, shows_nothing_of_an_append_before_it_is_closed) {
  const fs::path store = three_months("append_cut");
  { PanelWriter::append(store).add(month("2000-02-29", {"e"})); }
  EXPECT_EQ(Panel::open(store, true).dates().size(), 3U);
  auto writer = PanelWriter::append(store);
  writer.add(month("2000-02-29", {"f"}));
  writer.close();
  EXPECT_THAT(Panel::open(store, true).asset_names(), ElementsAre("b", "a", "c", "d", "f"));
}

TEST(PanelWriter, reports_a_store_that_was_not_closed) {
  const fs::path store = new_store("cut");
  { PanelWriter::create(store, info()).add(month("1999-11-30", {"a"})); }
  EXPECT_THAT(failure([&] { Panel::open(store); }), HasSubstr("incomplete panel store"));
  EXPECT_THAT(failure([&] { Panel::open(store); }), HasSubstr("Remove the folder and ingest the source again"));
  EXPECT_THAT(failure([&] { PanelWriter::create(store, info()); }), HasSubstr("not an empty folder"));
  EXPECT_THAT(failure([&] { Panel::open(new_store("nowhere")); }), HasSubstr("is no panel store"));
}

TEST(PanelWriter, refuses_rows_that_cannot_be_right) {
  auto writer = PanelWriter::create(new_store("bad"), info());
  writer.add(month("1999-11-30", {"a"}));
  const auto refused = [&](PanelRows rows) { return failure([&] { writer.add(rows); }); };
  EXPECT_THAT(refused(month("1999-11-30", {"a"})), HasSubstr("dates must increase"));
  EXPECT_THAT(refused(month("1999-12-31", {"a", "b", "a"})), HasSubstr("1999-12-31: asset a occurs twice"));
  auto rows = month("1999-12-31", {"a", "b"});
  rows.returns[1] = INFINITY;
  EXPECT_THAT(refused(rows), HasSubstr("1999-12-31, asset b: the return is infinite"));
  rows = month("1999-12-31", {"a", "b"});
  rows.blocks["raw"][3] = -INFINITY;
  EXPECT_THAT(refused(rows), HasSubstr("asset b: value is infinite"));
  rows = month("1999-12-31", {"a", "b"});
  rows.market_equity.pop_back();
  EXPECT_THAT(refused(rows), HasSubstr("market_equity has 1 values, needed are 2"));
  rows = month("1999-12-31", {"a"});
  rows.blocks["other"] = {1};
  EXPECT_THAT(refused(rows), HasSubstr("the rows have 2 blocks, the store 1"));
  rows = month("1999-12-31", {"a"});
  rows.return_end = rows.date;
  EXPECT_THAT(refused(rows), HasSubstr("its return ends on 1999-12-31, not after it"));
}

TEST(AddBlock, joins_by_date_and_asset_and_counts) {
  const fs::path store = three_months("join");
  const std::string before = hash_file(store / "1999.arrow");
  const auto counts = add_block(store, "emb", {"e0", "e1"},
                                {{Date::parse("1999-11-30"), {"c", "b", "zz"}, {1, 2, 3, 4, 5, 6}},
                                 {Date::parse("1999-12-15"), {"c"}, {7, 8}},
                                 {Date::parse("2000-01-31"), {"a"}, {9, nan}}});
  EXPECT_EQ(counts.matched, 3);
  EXPECT_EQ(counts.unmatched, 2);
  EXPECT_EQ(counts.missing, 3);
  EXPECT_EQ(hash_file(store / "1999.arrow"), before);
  const Panel panel = Panel::open(store, true);
  const auto view = panel.as_of(Date::parse("2000-01-31"));
  const auto november = view.cross_section(0);
  EXPECT_THAT(numbers(november.block("raw")), ElementsAre(1, -1, 2, -2, 3, -3));
  const auto emb = numbers(november.block("emb"));
  EXPECT_THAT(std::vector<float>(emb.begin(), emb.begin() + 2), ElementsAre(3, 4));
  EXPECT_TRUE(std::isnan(emb[2]) && std::isnan(emb[3]));
  EXPECT_THAT(std::vector<float>(emb.begin() + 4, emb.end()), ElementsAre(1, 2));
  EXPECT_TRUE(std::isnan(numbers(view.cross_section(1).block("emb"))[0]));
  EXPECT_EQ(numbers(view.cross_section(2).block("emb"))[0], 9.0F);
  EXPECT_THAT(failure([&] { add_block(store, "emb", {"x"}, {}); }), HasSubstr("a block `emb` already"));
  EXPECT_THAT(failure([&] { add_block(store, "a/b", {"x"}, {}); }), HasSubstr("cannot name a block"));
  EXPECT_THAT(failure([&] { static_cast<void>(november.block("rnk")); }), HasSubstr("no block `rnk`; it has emb, raw"));
}

TEST(Panel, says_what_is_wrong_with_a_damaged_store) {
  const fs::path store = three_months("damaged");
  const std::string whole = read_file(store / "1999.arrow");
  const auto put = [&](const std::string& bytes) { std::ofstream(store / "1999.arrow", std::ios::binary) << bytes; };
  const auto read = [&] { static_cast<void>(Panel::open(store).as_of(Date::parse("2000-01-31")).cross_section(0)); };
  put(whole.substr(0, whole.size() / 2));
  EXPECT_THAT(failure(read), HasSubstr("1999.arrow has"));
  put(std::string(whole.size(), '\0'));
  EXPECT_THAT(failure(read), HasSubstr("1999.arrow is damaged"));
  std::string flipped = whole;
  flipped[whole.find(std::string("\0\0\xa0\x40", 4))] = 1;  // 5.0F, the first value of December
  put(flipped);
  EXPECT_THAT(failure([&] { Panel::open(store, true); }), HasSubstr("differs from its hash"));
  fs::remove(store / "1999.arrow");
  EXPECT_THAT(failure(read), HasSubstr("is missing from the panel store"));
  std::ofstream(store / "manifest.json") << "{\"format\": 1,";
  EXPECT_THAT(failure(read), HasSubstr("manifest.json cannot be used"));
}

// Any byte of a file may be wrong: the store says so or gives numbers, and never crashes.
RC_GTEST_PROP(Panel, survives_any_changed_bytes, ()) {
  static const fs::path store = three_months("fuzzed");
  static const std::string whole = read_file(store / "1999.arrow");
  std::string changed = whole;
  for (int k = *rc::gen::inRange(1, 6); k > 0; --k)
    changed[*rc::gen::inRange<size_t>(0, whole.size())] = *rc::gen::arbitrary<char>();
  std::ofstream(store / "1999.arrow", std::ios::binary) << changed;
  try {
    const Panel panel = Panel::open(store);
    const auto section = panel.as_of(Date::parse("2000-01-31")).cross_section(0);
    RC_ASSERT(names(panel, section).size() == 3U);
    RC_ASSERT(numbers(section.block("raw")).size() == 6U);
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == ErrorKind::data);
  }
}

// Ragged universes in any order, with missing values, come back for every date; views cut them by date.
RC_GTEST_PROP(Panel, keeps_ragged_universes, ()) {
  const fs::path store = new_store("ragged");
  auto writer = PanelWriter::create(store, info());
  std::vector<std::map<std::string, float>> written;
  Date date = Date::parse("1999-09-30");
  const auto sizes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
  for (const int size : sizes) {
    const auto assets = *rc::gen::unique<std::vector<int>>(static_cast<size_t>(size), rc::gen::inRange(0, 40));
    std::vector<std::string> texts;
    for (const int asset : assets) texts.push_back(std::to_string(asset));
    auto rows = month(date.text(), texts);
    written.emplace_back();
    for (size_t i = 0; i < texts.size(); ++i) {
      rows.returns[i] = *rc::gen::inRange(0, 4) == 0 ? nan : static_cast<float>(*rc::gen::inRange(-99, 99));
      written.back()[texts[i]] = rows.returns[i];
    }
    writer.add(rows);
    date = date.next_month_end();
  }
  writer.close();
  const Panel panel = Panel::open(store, true);
  RC_ASSERT(panel.dates().size() == written.size());
  const auto all = panel.as_of(date.next_month_end());
  const auto waits = [](const std::map<std::string, float>& returns) {
    return std::ranges::all_of(returns, [](const auto& entry) { return std::isnan(entry.second); });
  };
  size_t realised = written.size();
  while (realised > 0 && waits(written[realised - 1])) --realised;
  for (size_t i = 0; i < realised; ++i) {
    const auto month = all.realised(i);
    RC_ASSERT(month.known.assets.size() == written[i].size());
    RC_ASSERT(std::is_sorted(month.known.assets.begin(), month.known.assets.end()));
    for (size_t k = 0; k < month.returns.size(); ++k) {
      const float expected = written[i].at(panel.asset_names()[static_cast<size_t>(month.known.assets[k])]);
      RC_ASSERT(month.returns[k] == expected || (std::isnan(month.returns[k]) && std::isnan(expected)));
    }
    const auto view = panel.as_of(panel.dates()[i]);
    RC_ASSERT(view.dates().size() == i + 1);
    RC_ASSERT(!view.is_realised(i) && (i == 0 || view.is_realised(i - 1)));
  }
  for (size_t i = realised; i < written.size(); ++i) RC_ASSERT(!all.is_realised(i));
}

int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

TEST(Panel, reads_a_month_without_reading_the_rest) {
  const fs::path store = new_store("large");
  PanelInfo wide = info();
  wide.blocks = {{"raw", std::vector<std::string>(64, "x")}};
  std::vector<std::string> assets;
  for (int i = 0; i < 5000; ++i) assets.push_back(std::to_string(i));
  {
    auto writer = PanelWriter::create(store, wide);
    auto rows = month("2001-01-31", assets);
    rows.blocks["raw"].assign(assets.size() * 64, 0.25F);
    for (int t = 0; t < 60; ++t) {
      writer.add(rows);
      rows.date = rows.return_end;
      rows.return_end = rows.date.next_month_end();
    }
    writer.close();
  }
  const int64_t store_bytes = 60LL * 5000 * 64 * 4;
  const Panel panel = Panel::open(store);
  const int64_t before = resident_bytes();
  const auto view = panel.as_of(panel.dates().back());
  double sum = 0;
  for (const size_t i : {0U, 59U})
    for (const float x : numbers(view.cross_section(i).block("raw"))) sum += static_cast<double>(x);
  EXPECT_EQ(sum, 2 * 5000 * 64 * 0.25);
  EXPECT_LT(resident_bytes() - before, store_bytes / 4);
  fs::remove_all(store);
}

TEST(RankStandardise, spreads_ranks_with_ties_at_their_mean_and_missing_at_zero) {
  // column 0: 3 1 2 NaN 1 -> ranks 3, 0.5, 2, -, 0.5 of 0..3; column 1 is constant; column 2 has one value
  std::vector<float> values{3, 7, nan, 1, 7, nan, 2, 7, 5, nan, 7, nan, 1, 7, nan};
  rank_standardise(values, 5, 3);
  const float third = 0.5F / 3.0F - 0.5F;
  EXPECT_THAT(values, testing::Pointwise(testing::FloatEq(), {0.5F, 0.F, 0.F, third, 0.F, 0.F, 2.0F / 3 - 0.5F, 0.F,
                                                              0.F, 0.F, 0.F, 0.F, third, 0.F, 0.F}));
}

RC_GTEST_PROP(RankStandardise, equals_counting_smaller_and_equal_values, (const std::vector<int16_t>& column)) {
  std::vector<float> values;
  for (const int16_t x : column) values.push_back(x % 7 == 0 ? nan : static_cast<float>(x % 50) / 8);
  std::vector<float> ranks = values;
  rank_standardise(ranks, static_cast<int64_t>(ranks.size()), 1);
  const auto present = std::count_if(values.begin(), values.end(), [](float x) { return !std::isnan(x); });
  for (size_t i = 0; i < values.size(); ++i) {
    const auto below = std::count_if(values.begin(), values.end(), [&](float x) { return x < values[i]; });
    const auto equal = std::count(values.begin(), values.end(), values[i]);
    const double rank =
        (static_cast<double>(below) + static_cast<double>(equal - 1) / 2) / static_cast<double>(present - 1);
    const double expected = std::isnan(values[i]) || present < 2 ? 0.0 : rank - 0.5;
    RC_ASSERT(std::abs(static_cast<double>(ranks[i]) - expected) < 1e-6);
  }
}

}  // namespace
}  // namespace loadstone
