#pragma once
// Counter-based random streams (Philox 4x32-10). A stream is named by what it is for, never by when it is drawn: the
// n-th number of Stream(7, "random_features", date, "weights") is the same on every machine, thread and resume.

#include <Random123/philox.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string_view>

namespace loadstone {

namespace detail {
constexpr uint64_t mix(uint64_t hash, uint64_t value) {  // splitmix64 finaliser over a running hash
  hash += 0x9e3779b97f4a7c15ULL + value;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}
constexpr uint64_t mix(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = mix(hash, static_cast<uint64_t>(static_cast<unsigned char>(c)));
  return mix(hash, text.size());
}
}  // namespace detail

class Stream {
 public:
  // Key parts: integers and strings, e.g. Stream(seed, "economy", replicate, "returns", month).
  template <class... Parts>
  explicit Stream(uint64_t seed, const Parts&... parts) : key_(detail::mix(0, seed)) {
    ((key_ = add(key_, parts)), ...);
  }

  uint32_t bits() {
    if (used_ == 4) refill();
    return block_.v[used_++];
  }
  uint64_t bits64() {
    const uint64_t high = bits();
    return high << 32 | bits();
  }
  // Uniform in (0, 1), 53 bits, never 0 or 1.
  double uniform() { return (static_cast<double>(bits64() >> 11) + 0.5) * 0x1p-53; }
  // Uniform integer in [0, n), without bias (n > 0).
  uint64_t below(uint64_t n) {
    const uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    uint64_t value = bits64();
    while (value >= limit) value = bits64();
    return value % n;
  }
  // Standard normal (Box-Muller, both numbers used).
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }
  template <class T>
  void fill_normal(std::span<T> out) {
    for (T& x : out) x = static_cast<T>(normal());
  }

 private:
  static uint64_t add(uint64_t key, std::string_view text) { return detail::mix(key, text); }
  template <class Int>
  requires std::is_integral_v<Int>
  static uint64_t add(uint64_t key, Int value) { return detail::mix(key, static_cast<uint64_t>(value)); }
  void refill() {
    const r123::Philox4x32::ctr_type counter{
        {static_cast<uint32_t>(next_), static_cast<uint32_t>(next_ >> 32), 0U, 0U}};
    block_ = r123::Philox4x32{}(counter, {{static_cast<uint32_t>(key_), static_cast<uint32_t>(key_ >> 32)}});
    ++next_;
    used_ = 0;
  }

  uint64_t key_;
  uint64_t next_ = 0;
  r123::Philox4x32::ctr_type block_{};
  int used_ = 4;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace loadstone
