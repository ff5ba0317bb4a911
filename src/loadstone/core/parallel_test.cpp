#include "loadstone/core/parallel.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace loadstone {
namespace {

TEST(ParallelFor, visits_each_item_once_for_any_number_of_threads) {
  for (const int threads : {1, 2, 3, 8}) {
    std::vector<int> visits(101, 0);
    parallel_for(visits.size(), threads, [&](size_t i) { ++visits[i]; });
    EXPECT_EQ(visits, std::vector<int>(101, 1));
  }
  parallel_for(0, 4, [](size_t) { FAIL(); });
}

TEST(ParallelFor, rethrows_after_all_threads_have_stopped) {
  EXPECT_THROW(parallel_for(50, 3,
                            [](size_t i) {
                              if (i == 7) throw std::runtime_error("seven");
                            }),
               std::runtime_error);
}

int64_t threads_of_this_process() { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); }

TEST(ParallelFor, libraries_start_no_threads_of_their_own) {
  use_single_threaded_libraries();
  const int64_t before = threads_of_this_process();
  std::vector<int64_t> during(8);
  parallel_for(during.size(), 2, [&](size_t i) {
    const at::Tensor small = at::ones({150, 150}, at::kDouble);  // larger ones would set the thread up by chance
    at::linalg_eigh(small.mm(small));
    during[i] = threads_of_this_process();
  });
  for (const int64_t count : during) EXPECT_LE(count, before + 1);
}

}  // namespace
}  // namespace loadstone
