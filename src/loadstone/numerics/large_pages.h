#pragma once
// An array of doubles in pages of 2 MB where the system has them, for tables of many megabytes that are read in pieces
// far from each other. Not initialised.

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace loadstone {

class LargePages {
 public:
  LargePages() = default;
  explicit LargePages(size_t count) : size_(count) {
    constexpr size_t page = size_t{1} << 21;
    const size_t bytes = (count * sizeof(double) + page - 1) / page * page;
    values_.reset(static_cast<double*>(std::aligned_alloc(page, bytes)));
    if (!values_) throw std::bad_alloc();
    madvise(values_.get(), bytes, MADV_HUGEPAGE);  // only a wish: without such pages all is as before
  }
  double* data() { return values_.get(); }
  const double* data() const { return values_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(double* values) const { std::free(values); }
  };
  std::unique_ptr<double[], Free> values_;
  size_t size_ = 0;
};

}  // namespace loadstone
