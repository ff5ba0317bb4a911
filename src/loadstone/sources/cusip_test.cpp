#include "loadstone/sources/cusip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Cusip, check_digits_of_listed_companies) {
  for (const char* code : {"037833100", "38259P508", "88160R101", "594918104", "00206R102", "G0084W101"})
    EXPECT_TRUE(is_cusip(code)) << code;
  EXPECT_EQ(cusip_check_digit("123*@#AZ"), '2');  // 1 + 4 + 3 + 7+2 + 3+7 + 7+6 + 1+0 + 7+0 = 48
  for (const char* code : {"037833101", "38259p508", "37833100", "", "03783310 ", "0378331000"})
    EXPECT_FALSE(is_cusip(code)) << code;
}

TEST(Cusip, intact_codes_stay) {
  std::vector<std::string> codes{"037833100", "38259P508"};
  EXPECT_THAT(repair_cusips(codes), IsEmpty());
  EXPECT_THAT(codes, ElementsAre("037833100", "38259P508"));
}

TEST(Cusip, formats_are_undone) {
  std::vector<std::string> codes{" 38259p508", "594918104.0", "5.94918104E+8", "5.94918104e+08"};
  EXPECT_THAT(repair_cusips(codes), ElementsAre(Pair("blanks, case or number format undone", 4)));
  EXPECT_THAT(codes, ElementsAre("38259P508", "594918104", "594918104", "594918104"));
}

// 37833100 may be 037833100 or the first eight characters of 378331003: only the first stands elsewhere.
TEST(Cusip, a_code_that_stands_intact_elsewhere_decides) {
  std::vector<std::string> codes{"037833100", "37833100", "3.7833100E+07", "59491810", "594918104"};
  EXPECT_THAT(repair_cusips(codes), ElementsAre(Pair("check digit appended", 1), Pair("leading zeros put back", 2)));
  EXPECT_THAT(codes, ElementsAre("037833100", "037833100", "037833100", "594918104", "594918104"));
}

TEST(Cusip, what_is_not_certain_stays_under_its_own_key) {
  std::vector<std::string> codes{"37833100", "361105", "5.95E+08", "037833101", "2.06E+104"};
  EXPECT_THAT(repair_cusips(codes), ElementsAre(Pair("kept as they are: digits lost to E notation", 2),
                                                Pair("kept as they are: not 9 characters", 2),
                                                Pair("kept as they are: the check digit is wrong", 1)));
  EXPECT_THAT(codes, ElementsAre("37833100", "361105", "5.95E+08", "037833101", "2.06E+104"));
}

TEST(Cusip, both_candidates_intact_is_not_certain) {
  std::vector<std::string> codes{"037833100", "378331003", "37833100"};
  ASSERT_TRUE(is_cusip("378331003"));
  repair_cusips(codes);
  EXPECT_EQ(codes[2], "37833100");
}

TEST(Cusip, eight_characters_that_no_zero_explains_get_their_check_digit) {
  std::vector<std::string> codes{"38259P50", "59491810"};
  EXPECT_THAT(repair_cusips(codes), ElementsAre(Pair("check digit appended", 2)));
  EXPECT_THAT(codes, ElementsAre("38259P508", "594918104"));
}

// A column that went through a spreadsheet: every short number is a CUSIP without its zeros.
TEST(Cusip, a_column_whose_short_numbers_all_pass_lost_its_zeros) {
  const std::vector<std::string> whole{"037833100", "023135106", "030420103", "060505104", "000361105", "009158106"};
  std::vector<std::string> codes;
  for (const std::string& code : whole) {
    ASSERT_TRUE(is_cusip(code)) << code;
    codes.push_back(code.substr(code.find_first_not_of('0')));
  }
  const std::vector<std::string> damaged = codes;
  repair_cusips(codes);
  EXPECT_EQ(codes, whole);
  codes = damaged;
  codes.push_back("12345");  // one that no zero explains
  repair_cusips(codes);
  EXPECT_EQ(codes[0], "37833100");
}

}  // namespace
}  // namespace loadstone
