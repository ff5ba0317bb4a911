#include "loadstone/embeddings/k_means.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

using Vector = std::vector<double>;

struct Vectors {
  const double* x;
  int64_t n, K;
  const double* row(int64_t i) const { return x + i * K; }
};

double squared_distance(const double* a, const double* b, int64_t K) {
  double sum = 0;
  for (int64_t k = 0; k < K; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

// The first at random, the others with probability in proportion to the squared distance to those chosen.
Vector first_centres(const Vectors& X, int64_t k, Stream stream) {
  Vector centres, distance(X.n, std::numeric_limits<double>::infinity());
  auto chosen = static_cast<int64_t>(stream.below(static_cast<uint64_t>(X.n)));
  for (int64_t c = 0; c < k; ++c) {
    centres.insert(centres.end(), X.row(chosen), X.row(chosen) + X.K);
    double total = 0;
    for (int64_t i = 0; i < X.n; ++i)
      total += distance[i] = std::min(distance[i], squared_distance(X.row(i), X.row(chosen), X.K));
    double left = stream.uniform() * total;
    chosen = 0;
    for (; chosen + 1 < X.n && left >= distance[chosen]; ++chosen) left -= distance[chosen];
  }
  return centres;
}

// Each vector to its nearest centre; whether one moved.
bool assign(const Vectors& X, const Vector& centres, std::vector<int32_t>& of, Vector& distance) {
  bool moved = false;
  const auto k = static_cast<int32_t>(static_cast<int64_t>(centres.size()) / X.K);
  for (int64_t i = 0; i < X.n; ++i) {
    int32_t nearest = 0;
    distance[i] = std::numeric_limits<double>::infinity();
    for (int32_t c = 0; c < k; ++c)
      if (const double d = squared_distance(X.row(i), &centres[c * X.K], X.K); d < distance[i])
        distance[i] = d, nearest = c;
    moved = moved || nearest != of[i];
    of[i] = nearest;
  }
  return moved;
}

// Centres become means; one without vectors becomes the vector that is farthest from its centre.
void move_centres(const Vectors& X, const std::vector<int32_t>& of, Vector& distance, Vector& centres) {
  const auto k = static_cast<int64_t>(centres.size()) / X.K;
  Vector sum(centres.size(), 0.0), count(k, 0.0);
  for (int64_t i = 0; i < X.n; ++i) {
    count[of[i]] += 1;
    for (int64_t j = 0; j < X.K; ++j) sum[of[i] * X.K + j] += X.row(i)[j];
  }
  for (int64_t c = 0; c < k; ++c) {
    if (count[c] > 0) {
      for (int64_t j = 0; j < X.K; ++j) centres[c * X.K + j] = sum[c * X.K + j] / count[c];
      continue;
    }
    const auto farthest = std::max_element(distance.begin(), distance.end());
    std::copy_n(X.row(farthest - distance.begin()), X.K, &centres[c * X.K]);
    *farthest = 0;
  }
}

Clusters from_start(const Vectors& X, Vector centres) {
  constexpr int most = 1000;  // the sum of squares falls at every step; rounding must not keep it moving
  Clusters out{std::vector<int32_t>(X.n, -1), 0};
  Vector distance(X.n);
  for (int step = 0; assign(X, centres, out.of, distance) && step < most; ++step)
    move_centres(X, out.of, distance, centres);
  for (const double d : distance) out.sum_of_squares += d;
  return out;
}

void number_by_appearance(std::vector<int32_t>& of, int64_t k) {
  std::vector<int32_t> number(k, -1);
  int32_t next = 0;
  for (int32_t& c : of) {
    if (number[c] < 0) number[c] = next++;
    c = number[c];
  }
}

}  // namespace

Clusters k_means(const at::Tensor& X, int64_t k, int64_t starts, uint64_t seed, Date date) {
  const at::Tensor rows = X.contiguous();
  const Vectors vectors{rows.const_data_ptr<double>(), rows.size(0), rows.size(1)};
  if (vectors.n < k) throw Error(ErrorKind::task, fmt::format("{} clusters of {} vectors", k, vectors.n));
  Clusters best;
  for (int64_t start = 0; start < starts; ++start) {
    Clusters found = from_start(vectors, first_centres(vectors, k, Stream(seed, "k-means", date.days, start)));
    if (start == 0 || found.sum_of_squares < best.sum_of_squares) best = std::move(found);
  }
  number_by_appearance(best.of, k);
  return best;
}

}  // namespace loadstone
