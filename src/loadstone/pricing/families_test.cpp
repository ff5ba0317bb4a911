#include "loadstone/pricing/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::Pair;

PlannedModel model_of(const std::string& name, const std::string& universe, double penalty = 1.0,
                      const std::string& type = "ridge") {
  return {name, type, "", {universe, 0, 0}, {{"penalties", {penalty}}}};
}

std::vector<std::string> names_of(const std::vector<PlannedModel>& models) {
  std::vector<std::string> names;
  for (const ModelFamily& family : model_families(models)) names.push_back(family.name);
  return names;
}

TEST(Families, are_models_with_the_same_fields_in_different_universes) {
  std::vector<PlannedModel> models{model_of("Ridge universe=all", "all"), model_of("z = 2 universe=all", "all", 2.0),
                                   model_of("FF6", "all", 1.0, "tangency"), model_of("Ridge universe=micro", "micro"),
                                   model_of("z = 2 universe=mega", "mega", 2.0)};
  const auto families = model_families(models);
  ASSERT_EQ(families.size(), 2U);
  EXPECT_EQ(families[0].name, "Ridge");
  EXPECT_THAT(families[0].model, ElementsAre(Pair("all", 0U), Pair("micro", 3U)));
  EXPECT_EQ(families[1].name, "z = 2");
  EXPECT_THAT(families[1].model, ElementsAre(Pair("all", 1U), Pair("mega", 4U)));
  EXPECT_THAT(universes_of(families), ElementsAre("all", "mega", "micro"));
  models[3].scope.attention_features = 5;  // another X: another family
  EXPECT_EQ(model_families(models).size(), 3U);
  models[3].scope.attention_features = 0;
  models[3].scope.characteristics = "panel";  // so do other characteristics
  EXPECT_EQ(model_families(models).size(), 3U);
}

TEST(Families, are_named_without_the_universe_wherever_it_stands) {
  for (const char* name : {"Ridge universe=micro", "Ridge (micro)", "Micro Ridge", "Ridge, micro", "Ridge/micro"})
    EXPECT_THAT(names_of({model_of("Ridge", "all"), model_of(name, "micro")}), ElementsAre("Ridge")) << name;
  EXPECT_THAT(names_of({model_of("RF micro P=10", "micro"), model_of("RF mega P=10", "mega")}), ElementsAre("RF P=10"));
  EXPECT_THAT(names_of({model_of("RF (micro, P=10)", "micro")}), ElementsAre("RF (P=10)"));
  EXPECT_THAT(names_of({model_of("RF (P=10, micro)", "micro")}), ElementsAre("RF (P=10)"));
  EXPECT_THAT(names_of({model_of("Overall", "all"), model_of("Overall micro", "micro")}), ElementsAre("Overall"));
}

TEST(Families, keep_whole_names_where_the_models_do_not_agree_on_one) {
  EXPECT_THAT(names_of({model_of("A", "all"), model_of("B micro", "micro")}), ElementsAre("A"));
  // Two families would be `Ridge`: the second keeps the name of its first model.
  EXPECT_THAT(names_of({model_of("Ridge micro", "micro", 1.0), model_of("Ridge mega", "mega", 2.0)}),
              ElementsAre("Ridge", "Ridge mega"));
}

TEST(Families, of_models_that_are_alike_in_everything_are_two) {
  const auto families =
      model_families(std::vector<PlannedModel>{model_of("a", "all"), model_of("b", "all"), model_of("a mega", "mega")});
  ASSERT_EQ(families.size(), 2U);
  EXPECT_EQ(families[0].model.size(), 2U);
  EXPECT_EQ(families[1].name, "b");
}

}  // namespace
}  // namespace loadstone
