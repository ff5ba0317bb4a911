#include "loadstone/embeddings/assignment.h"

#include <cmath>

namespace loadstone {
namespace {

// Rows join one by one. `price` of rows and columns keep gain(i, j) <= row[i] + column[j], with equality for partners:
// then their sum is that of the largest total, and no other assignment reaches more.
class Assignment {
 public:
  explicit Assignment(const at::Tensor& gain)
      : gain_(gain.contiguous()), n_(gain.size(0)), row_price_(n_), column_price_(n_), row_of_(n_, -1) {}

  std::vector<int64_t> solve() {
    for (int64_t i = 0; i < n_; ++i) join(i);
    std::vector<int64_t> column_of(n_);
    for (int64_t j = 0; j < n_; ++j) column_of[row_of_[j]] = j;
    return column_of;
  }

 private:
  // Along the cheapest path from row i to a column without a partner, everyone moves on by one.
  void join(int64_t i) {
    std::vector<double> distance(n_, HUGE_VAL);
    std::vector<int64_t> before(n_, -1);  // column from whose row the path comes; -1: from row i
    std::vector<bool> done(n_, false);
    double length = 0;
    int64_t from = -1, row = i;
    for (;;) {
      int64_t next = -1;
      for (int64_t j = 0; j < n_; ++j) {
        if (done[j]) continue;
        const double through = length + row_price_[row] + column_price_[j] - gain(row, j);
        if (through < distance[j]) distance[j] = through, before[j] = from;
        if (next < 0 || distance[j] < distance[next]) next = j;
      }
      done[next] = true, length = distance[next], from = next, row = row_of_[next];
      if (row < 0) break;
    }
    for (int64_t j = 0; j < n_; ++j) {
      if (!done[j] || j == from) continue;
      column_price_[j] += length - distance[j];
      row_price_[row_of_[j]] -= length - distance[j];
    }
    row_price_[i] -= length;
    for (int64_t j = from; j >= 0; j = before[j]) row_of_[j] = before[j] < 0 ? i : row_of_[before[j]];
  }

  double gain(int64_t i, int64_t j) const { return gain_.const_data_ptr<double>()[i * n_ + j]; }

  at::Tensor gain_;
  int64_t n_;
  std::vector<double> row_price_, column_price_;
  std::vector<int64_t> row_of_;  // of each column; -1: none yet
};

}  // namespace

std::vector<int64_t> best_assignment(const at::Tensor& gain) { return Assignment(gain).solve(); }

}  // namespace loadstone
