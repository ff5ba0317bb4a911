#pragma once
// Errors that a user can cause. Programmer errors are asserts; the library never prints, aborts or exits.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace loadstone {

// What went wrong decides the exit code of the program: usage 2, data 3, everything else 1.
enum class ErrorKind { usage, data, task };

// Message: what was found, where (file, line or row, column), what is valid, and what to do next.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

inline Error usage_error(const std::string& message) { return {ErrorKind::usage, message}; }
inline Error data_error(const std::string& message) { return {ErrorKind::data, message}; }

// The name in `valid` that is spelled most like `name`; empty when none is near (edit distance over half its length).
std::string nearest_name(std::string_view name, const std::vector<std::string>& valid);

// "`lamda` is not a parameter of ridge. Nearest: `lambda`. Valid: `a`, `b`."
Error unknown_name(std::string_view what, std::string_view name, std::string_view where,
                   const std::vector<std::string>& valid);

}  // namespace loadstone
