#pragma once
// CUSIP codes: nine characters, the last of which checks the others.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loadstone {

// Check digit of the first eight characters (modulus 10, double add double), or '\0' if one of them cannot stand in a
// CUSIP. Valid: 0-9, A-Z, *, @, #.
char cusip_check_digit(std::string_view first_eight);
bool is_cusip(std::string_view code);

// Repairs codes in place where there is only one thing that they can have been, and returns how many codes (rows, not
// distinct ones) were treated in which way. Blanks, lower case, a decimal point that Excel added and E notation that
// shows every digit are undone. Lost leading zeros and a lost check digit are put back if
//  - one candidate alone stands intact elsewhere in `codes`, or
//  - none does, and the code has eight characters that no leading zero makes a CUSIP: its check digit is appended, or
//  - none does, and at least six distinct short numbers are there, all of which leading zeros make CUSIPs.
// What is left stays under its own key. `rows`: how many rows each code stands for; empty: one each.
std::map<std::string, int64_t> repair_cusips(std::vector<std::string>& codes, const std::vector<int64_t>& rows = {});

}  // namespace loadstone
