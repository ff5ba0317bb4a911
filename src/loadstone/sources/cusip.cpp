#include "loadstone/sources/cusip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace loadstone {
namespace {

constexpr size_t enough_short_numbers = 6;  // that all pass by accident: one in a million

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

int value_of(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  constexpr std::string_view signs = "*@#";
  const size_t found = signs.find(c);
  return found == std::string_view::npos ? -1 : 36 + static_cast<int>(found);
}

// "3.8259508E+7" -> "38259508" if the mantissa shows every digit of the number; otherwise empty.
std::string whole_number(std::string_view text) {
  const size_t e = text.find("E+");
  if (e == std::string_view::npos) return {};
  std::string mantissa(text.substr(0, e));
  if (mantissa.size() > 1 && mantissa[1] == '.') mantissa.erase(1, 1);
  int exponent = -1;
  std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
  return all_digits(mantissa) && static_cast<int>(mantissa.size()) == exponent + 1 ? mantissa : std::string();
}

std::string tidied(std::string_view code) {
  std::string out;
  for (const char c : code)
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (out.ends_with(".0")) out.resize(out.size() - 2);
  const std::string whole = whole_number(out);
  return whole.empty() ? out : whole;
}

std::string with_zeros(const std::string& code) {
  if (code.size() >= 9 || !all_digits(code)) return {};
  const std::string padded = std::string(9 - code.size(), '0') + code;
  return is_cusip(padded) ? padded : std::string();
}

std::string with_check_digit(const std::string& code) {
  const char check = code.size() == 8 ? cusip_check_digit(code) : '\0';
  return check == '\0' ? std::string() : code + check;
}

struct Treated {
  std::string key, how;
};

Treated left_alone(const std::string& code) {
  if (code.find("E+") != std::string::npos) return {code, "kept as they are: digits lost to E notation"};
  if (code.size() == 9) return {code, "kept as they are: the check digit is wrong"};
  return {code, "kept as they are: not 9 characters"};
}

// `code` is tidy and no CUSIP.
Treated repaired(const std::string& code, const std::unordered_set<std::string>& intact, bool zeros_were_lost) {
  const Treated zeros{with_zeros(code), "leading zeros put back"};
  const Treated check{with_check_digit(code), "check digit appended"};
  const bool zeros_known = intact.contains(zeros.key);
  const bool check_known = intact.contains(check.key);
  if (zeros_known != check_known) return zeros_known ? zeros : check;
  if (zeros_known) return left_alone(code);  // both stand elsewhere
  if (!zeros.key.empty() && zeros_were_lost) return zeros;
  if (zeros.key.empty() && !check.key.empty()) return check;
  return left_alone(code);
}

}  // namespace

char cusip_check_digit(std::string_view first_eight) {
  int sum = 0;
  for (size_t k = 0; k < 8; ++k) {
    int value = k < first_eight.size() ? value_of(first_eight[k]) : -1;
    if (value < 0) return '\0';
    if (k % 2 == 1) value *= 2;
    sum += value / 10 + value % 10;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool is_cusip(std::string_view code) { return code.size() == 9 && code[8] == cusip_check_digit(code.substr(0, 8)); }

std::map<std::string, int64_t> repair_cusips(std::vector<std::string>& codes, const std::vector<int64_t>& rows) {
  std::unordered_set<std::string> intact;
  std::set<std::string> short_numbers;
  for (const std::string& code : codes) {
    const std::string tidy = tidied(code);
    if (is_cusip(tidy)) intact.insert(tidy);
    if (tidy.size() < 9 && all_digits(tidy)) short_numbers.insert(tidy);
  }
  const bool zeros_were_lost = short_numbers.size() >= enough_short_numbers &&
                               std::none_of(short_numbers.begin(), short_numbers.end(),
                                            [](const auto& code) { return with_zeros(code).empty(); });
  std::map<std::string, int64_t> counts;
  std::unordered_map<std::string, Treated> known;
  for (size_t i = 0; i < codes.size(); ++i) {
    std::string& code = codes[i];
    if (is_cusip(code)) continue;
    auto [place, is_new] = known.try_emplace(code);
    if (is_new) {
      const std::string tidy = tidied(code);
      place->second = is_cusip(tidy) ? Treated{tidy, "blanks, case or number format undone"}
                                     : repaired(tidy, intact, zeros_were_lost);
    }
    counts[place->second.how] += rows.empty() ? 1 : rows[i];
    code = place->second.key;
  }
  return counts;
}

}  // namespace loadstone
