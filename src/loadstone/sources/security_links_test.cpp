#include "loadstone/sources/security_links.h"

#include <gmock/gmock.h>

#include "loadstone/core/atomic_file.h"
#include "loadstone/sources/test_folder.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Links : public TestFolder {
 protected:
  SecurityLinks read(const std::string& rows) {
    write_atomically(folder_ / "links.csv", "cusip,id,from,to\n" + rows);
    return SecurityLinks::read(folder_ / "links.csv");
  }
};

std::string key(const SecurityLinks& links, const std::string& code, const char* date) {
  const SecurityKeys keys(links, {code});
  return keys.texts()[static_cast<size_t>(keys.number(0, Date::parse(date)))];
}

TEST_F(Links, hold_from_their_first_day_to_their_last) {
  const SecurityLinks links = read("A,1,2000-01-01,2000-12-31\nA,2,2001-02-01,\nB,3,,2000-06-30\nC,4,,\n");
  EXPECT_EQ(key(links, "A", "1999-12-31"), "A");
  EXPECT_EQ(key(links, "A", "2000-01-01"), "1");
  EXPECT_EQ(key(links, "A", "2000-12-31"), "1");
  EXPECT_EQ(key(links, "A", "2001-01-31"), "A");
  EXPECT_EQ(key(links, "A", "2099-01-01"), "2");
  EXPECT_EQ(key(links, "B", "1900-01-01"), "3");
  EXPECT_EQ(key(links, "B", "2000-07-01"), "B");
  EXPECT_EQ(key(links, "C", "2000-07-01"), "4");
  EXPECT_EQ(key(links, "D", "2000-07-01"), "D");
  EXPECT_EQ(key(SecurityLinks(), "1", "2000-07-01"), "1");
}

TEST_F(Links, codes_of_eight_characters_count_with_their_check_digit) {
  const SecurityLinks links = read("03783310,14593,,\n");
  EXPECT_EQ(key(links, "037833100", "2020-01-01"), "14593");
  EXPECT_EQ(key(links, "03783310", "2020-01-01"), "14593");
  EXPECT_EQ(key(links, "037833101", "2020-01-01"), "037833101");
}

TEST_F(Links, a_code_that_is_spelled_like_an_id_keeps_a_key_of_its_own) {
  const SecurityLinks links = read("A,14593,,2000-12-31\n");
  EXPECT_EQ(key(links, "14593", "2000-01-01"), "CUSIP 14593");
  const SecurityKeys keys(links, {"B", "A", "14593"});
  EXPECT_THAT(keys.texts(), ElementsAre("14593", "A", "B", "CUSIP 14593"));
  EXPECT_EQ(keys.number(1, Date::parse("2001-01-01")), 1);
}

TEST_F(Links, tables_that_contradict_themselves_are_refused) {
  EXPECT_THAT(failure([&] { read("A,1,2000-01-01,2000-12-31\nA,2,2000-12-31,\n"); }),
              HasSubstr("links.csv: the CUSIP A has two ids on one day: 1 from 2000-01-01 to 2000-12-31, and 2 from "
                        "2000-12-31 to the end"));
  EXPECT_THAT(failure([&] { read("A,1,2000-01-01,2009-12-31\nA,1,2000-02-01,2000-02-02\nA,2,2005-01-01,\n"); }),
              HasSubstr("1 from 2000-01-01 to 2009-12-31, and 2 from"));
  EXPECT_THAT(failure([&] { read("A,1,2001-01-01,2000-12-31\n"); }), HasSubstr("line 2: the range ends (2000-12-31)"));
  EXPECT_THAT(failure([&] { read("A,,,\n"); }), HasSubstr("line 2: `id` is empty"));
  EXPECT_THAT(failure([&] { read(",1,,\n"); }), HasSubstr("line 2: `cusip` is empty"));
  EXPECT_EQ(key(read("A,1,2000-01-01,2000-12-31\nA,1,2000-06-01,\n"), "A", "2010-01-01"), "1");  // one id: no doubt
}

}  // namespace
}  // namespace loadstone
