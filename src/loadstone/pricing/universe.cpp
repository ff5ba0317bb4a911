#include "loadstone/pricing/universe.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>

namespace loadstone {
namespace {

// Owns the copied rows of a restricted cross-section.
struct Rows {
  std::vector<int32_t> assets;
  std::vector<float> market_equity, returns;
  std::vector<int8_t> size_group;
};

std::vector<int64_t> rows_in(const CrossSection& month, const std::string& universe) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < month.size(); ++i)
    if (name(static_cast<SizeGroup>(month.size_group[static_cast<size_t>(i)])) == universe) rows.push_back(i);
  return rows;
}

template <class T>
std::vector<T> select(std::span<const T> values, const std::vector<int64_t>& rows) {
  std::vector<T> out;
  out.reserve(rows.size());
  for (const int64_t i : rows) out.push_back(values[static_cast<size_t>(i)]);
  return out;
}

CrossSection restricted(const CrossSection& month, const std::vector<int64_t>& rows, const std::shared_ptr<Rows>& own) {
  own->assets = select(month.assets, rows);
  own->market_equity = select(month.market_equity, rows);
  own->size_group = select(month.size_group, rows);
  CrossSection out{month.date, own->assets, own->market_equity, own->size_group, {}, own};
  const at::Tensor index = at::tensor(rows);
  for (const auto& [block, values] : month.blocks) out.blocks[block] = at::index_select(values, 0, index);
  return out;
}

}  // namespace

CrossSection restrict_to(const CrossSection& month, const std::string& universe) {
  if (universe == "all") return month;
  return restricted(month, rows_in(month, universe), std::make_shared<Rows>());
}

CrossSectionWithReturns restrict_to(const CrossSectionWithReturns& month, const std::string& universe) {
  if (universe == "all") return month;
  const std::vector<int64_t> rows = rows_in(month.known, universe);
  const auto own = std::make_shared<Rows>();
  own->returns = select(month.returns, rows);
  return {restricted(month.known, rows, own), month.return_end, own->returns};
}

at::Tensor size_groups(const CrossSection& month) {
  return at::tensor(std::vector<int64_t>(month.size_group.begin(), month.size_group.end()), at::kLong);
}

}  // namespace loadstone
