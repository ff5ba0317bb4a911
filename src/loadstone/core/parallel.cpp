#include "loadstone/core/parallel.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace loadstone {

void parallel_for(size_t n, int threads, const std::function<void(size_t)>& body) {
  if (threads <= 1 || n <= 1) {
    for (size_t i = 0; i < n; ++i) body(i);
    return;
  }
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  size_t failed_item = n;
  auto work = [&] {
    for (size_t i = next++; i < n; i = next++) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed_item) failed_item = i, failure = std::current_exception();
        next = n;
      }
    }
  };
  std::vector<std::jthread> pool;
  for (size_t k = 1; k < std::min(n, static_cast<size_t>(threads)); ++k)
    pool.emplace_back([&] {
      at::init_num_threads();  // MKL and OpenMP keep their number of threads by thread
      work();
    });
  work();
  pool.clear();
  if (failure) std::rethrow_exception(failure);
}

void use_single_threaded_libraries() { at::set_num_threads(1); }

}  // namespace loadstone
