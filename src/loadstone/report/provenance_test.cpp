// What the page's header says of a run.
#include "loadstone/report/provenance.h"

#include <gtest/gtest.h>

#include <string>

namespace loadstone {
namespace {

using nlohmann::json;

std::string fact(const json& facts, const std::string& label) {
  for (const json& pair : facts)
    if (pair[0] == label) return pair[1].get<std::string>();
  return "(absent)";
}

TEST(Provenance, plain_text_of_every_kind_of_value) {
  EXPECT_EQ(plain_text(7), "7");
  EXPECT_EQ(plain_text("a b"), "a b");
  EXPECT_EQ(plain_text(true), "true");
  EXPECT_EQ(plain_text(nullptr), "");
  EXPECT_EQ(plain_text(json::array({1, "x"})), "1, x");
  EXPECT_EQ(plain_text(json{{"a", 1}, {"b", "x"}}), "a 1 · b x");
  EXPECT_EQ(plain_text(json{{"a", {1, 2}}}), R"({"a":[1,2]})");
}

TEST(Provenance, header_holds_sample_study_entries_seed_versions_and_hashes) {
  const json run{{"sample", {{"first", "1963-07-31"}, {"last", "2022-12-31"}, {"months", 714}}},
                 {"seed", 7},
                 {"versions", {{"torch", "2.13.0"}}},
                 {"header", {{"risk_free", "bill"}}},
                 {"data", {{{"name", "ff6"}, {"hash", "99aa06d3014798d86001c324468d497f"}}}}};
  const json facts = header_facts(run, json{{"nan_rule", "zero"}, {"periods_per_year", 12}});
  EXPECT_EQ(fact(facts, "Sample"), "1963-07-31 to 2022-12-31 (714 months)");
  EXPECT_EQ(fact(facts, "NaN rule"), "zero");
  EXPECT_EQ(fact(facts, "Periods per year"), "12");
  EXPECT_EQ(fact(facts, "Risk free"), "bill");
  EXPECT_EQ(fact(facts, "Seed"), "7");
  EXPECT_EQ(fact(facts, "Versions"), "torch 2.13.0");
  EXPECT_EQ(fact(facts, "Data"), "ff6 [99aa06d30147]");
  EXPECT_EQ(fact(facts, "Device"), "(absent)");
}

TEST(Provenance, study_entries_keep_their_order_when_given_as_a_list) {
  const json facts = header_facts(json::object(), json::array({json::array({"Z", 1}), json::array({"A", 2})}));
  EXPECT_EQ(facts[0], json::array({"Z", "1"}));
  EXPECT_EQ(facts[1], json::array({"A", "2"}));
}

TEST(Provenance, data_may_be_hashes_by_name) {
  EXPECT_EQ(fact(header_facts(json{{"data", {{"ff6", "abc"}, {"q5", "def"}}}}, json()), "Data"), "ff6 [abc], q5 [def]");
}

TEST(Provenance, details_hold_sources_experiment_and_every_further_entry) {
  const json run{{"data", {{{"name", "ff6"}, {"rows", 714}}, {{"name", "q5"}, {"source", "csv"}}}},
                 {"experiment", {{"study", "pricing"}}},
                 {"resolved", {{"study", "pricing"}, {"seed", 1}}},
                 {"experiment_hash", "abc"}};
  const json details = header_details(run);
  EXPECT_EQ(details[0]["table"]["rows"], json::parse(R"([["ff6", "714", ""], ["q5", "", "csv"]])"));
  EXPECT_EQ(details[0]["table"]["columns"][1]["numeric"], true);
  EXPECT_EQ(details[1]["facts"], json::parse(R"([["Experiment hash", "abc"]])"));
  EXPECT_EQ(details[2]["text"], "{\n  \"study\": \"pricing\"\n}");
  EXPECT_EQ(details[3]["title"], "Experiment with all defaults");
  EXPECT_EQ(details[3]["text"], "{\n  \"seed\": 1,\n  \"study\": \"pricing\"\n}");
}

TEST(Provenance, failures_and_warnings_are_listed_and_counted) {
  json run{{"failures", {{{"task", "ridge"}, {"message", "singular"}}}}, {"warnings", json::array()}};
  for (int i = 0; i < 23; ++i) run["warnings"].push_back(i);
  const json found = alerts(run);
  EXPECT_EQ(found[0]["kind"], "error");
  EXPECT_EQ(found[0]["title"], "1 task failed; its results are missing below");
  EXPECT_EQ(found[0]["items"], json::array({"ridge: singular"}));
  EXPECT_EQ(found[1]["title"], "23 warnings");
  EXPECT_EQ(found[1]["items"].size(), 21U);
  EXPECT_EQ(found[1]["items"][20], "and 3 more, in run.json");
  EXPECT_TRUE(alerts(json::object()).empty());
}

}  // namespace
}  // namespace loadstone
