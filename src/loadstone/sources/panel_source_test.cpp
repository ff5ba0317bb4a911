// [data.panel]: stores that are there, made once, and made again where the first attempt was cut short.
#include "loadstone/sources/panel_source.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "loadstone/core/hash.h"
#include "loadstone/sources/source.h"
#include "loadstone/sources/test_folder.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const json small{{"source", "simulate"}, {"assets", 10},     {"months", 4},     {"characteristics", 4},
                 {"informative", 2},     {"state_pairs", 1}, {"investors", 12}, {"funds", 1}};

class PanelSourceTest : public TestFolder {
 protected:
  PanelSource open(const json& config, int64_t seed = 1) { return open_panel(config, folder_, folder_ / "data", seed); }
};

TEST_F(PanelSourceTest, an_economy_is_simulated_once) {
  const PanelSource first = open(small);
  EXPECT_EQ(first.economy, folder_ / "data" / "economy");
  EXPECT_TRUE(first.notes.is_null());
  write("data/economy/mine", "left alone");
  EXPECT_EQ(open(small).panel.hash(), first.panel.hash());
  EXPECT_TRUE(fs::exists(folder_ / "data" / "economy" / "mine"));
}

TEST_F(PanelSourceTest, an_interrupted_simulation_is_made_again_with_the_same_bits) {
  const fs::path economy = open(small).economy;
  const std::string holdings = hash_file(economy / "holdings.parquet"), panel = open(small).panel.hash();
  fs::remove(economy / "truth" / "truth.json");  // what is written last
  write_atomically(economy / "holdings.parquet", "half of it");
  write_atomically(economy / "left over.tmp", "");
  EXPECT_EQ(open(small).panel.hash(), panel);
  EXPECT_EQ(hash_file(economy / "holdings.parquet"), holdings);
  EXPECT_FALSE(fs::exists(economy / "left over.tmp"));
}

TEST_F(PanelSourceTest, an_economy_takes_the_experiments_seed_unless_it_has_its_own) {
  const auto hash = [&](const json& config, int64_t seed) {
    fs::remove_all(folder_ / "data");
    return open(config, seed).panel.hash();
  };
  json own = small;
  own["seed"] = 2;
  EXPECT_EQ(hash(own, 1), hash(small, 2));
  EXPECT_NE(hash(small, 1), hash(small, 2));
}

TEST_F(PanelSourceTest, wrong_fields_of_an_economy_name_the_table) {
  json wrong = small;
  wrong["asets"] = 3;
  EXPECT_THAT(failure([&] { simulated_economy(wrong, folder_, 1, "[data.holdings]"); }, ErrorKind::usage),
              testing::AllOf(HasSubstr("[data.holdings]"), HasSubstr("Nearest: `assets`")));
}

TEST_F(PanelSourceTest, a_store_is_opened_where_it_is) {
  const std::string hash = open(small).panel.hash();
  const PanelSource opened = open({{"source", "store"}, {"path", "data/economy/store"}});
  EXPECT_EQ(opened.panel.hash(), hash);
  EXPECT_TRUE(opened.economy.empty());
  EXPECT_EQ(open({{"path", "data/economy/store"}}).panel.hash(), hash);  // what a panel is by default
  EXPECT_THAT(failure([&] { open({{"source", "store"}}); }, ErrorKind::usage), HasSubstr("no `path`"));
  EXPECT_NE(failure([&] { open({{"path", "nowhere"}}); }), "no error");
  EXPECT_THAT(failure([&] { open({{"source", "excel"}}); }, ErrorKind::usage), HasSubstr("excel"));
}

TEST_F(PanelSourceTest, a_file_is_imported_once_and_again_where_that_was_cut_short) {
  write("panel.csv", "date,asset,ret,c1\n2001-01-31,A,0.1,1\n2001-01-31,B,0.2,2\n2001-02-28,A,0.1,3\n");
  const json config{{"source", "csv"}, {"path", "panel.csv"}, {"timing", "known_at"}};
  const PanelSource first = open(config);
  EXPECT_EQ(first.notes.at("kept"), 3);
  const PanelSource second = open(config);
  EXPECT_TRUE(second.notes.is_null());
  EXPECT_EQ(second.panel.hash(), first.panel.hash());
  fs::remove(folder_ / "data" / "panel" / "manifest.json");
  const PanelSource third = open(config);
  EXPECT_EQ(third.notes.at("kept"), 3);
  EXPECT_EQ(third.panel.hash(), first.panel.hash());
}

// --- hashes of files

TEST_F(PanelSourceTest, hashes_are_of_what_files_hold) {
  write("a", "1"), write("b", "2"), write("folder/2", "2"), write("folder/sub/1", "1");
  const auto hash = [&](const json& path) { return hash_files(path, folder_); };
  EXPECT_EQ(hash("a"), hash_file(folder_ / "a"));
  EXPECT_EQ(hash(json::array({"a"})), hash("a"));
  EXPECT_EQ(hash({"b", "a"}), hash("folder"));  // its files by name: 2, sub/1
  EXPECT_NE(hash({"a", "b"}), hash({"b", "a"}));
  const std::string before = hash({"a", "folder"});
  EXPECT_EQ(hash({"a", "folder"}), before);
  write("folder/2", "3");  // neither first nor last
  EXPECT_NE(hash({"a", "folder"}), before);
}

}  // namespace
}  // namespace loadstone
