#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace loadstone::cli {

ProgressPrinter::ProgressPrinter(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressPrinter::operator()(const Progress& progress) {
  using std::chrono::seconds;
  const auto now = Clock::now();
  if (quiet_ || now - start_ < seconds(2)) return;
  const double share =
      progress.total == 0 ? 1.0 : static_cast<double>(progress.done) / static_cast<double>(progress.total);
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  if (terminal_) {
    const auto filled = static_cast<size_t>(share * 30);
    std::fprintf(stderr, "\r[%s%s] %zu/%zu tasks, %.0f s  %.40s\033[K", std::string(filled, '#').c_str(),
                 std::string(30 - filled, '.').c_str(), progress.done, progress.total, elapsed, progress.task.c_str());
    drawn_ = true;
  } else if (now - last_ >= seconds(15)) {
    std::fprintf(stderr, "%zu/%zu tasks after %.0f s (%s)\n", progress.done, progress.total, elapsed,
                 progress.task.c_str());
    last_ = now;
  }
}

void ProgressPrinter::finish() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
}

}  // namespace loadstone::cli
