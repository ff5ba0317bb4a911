#pragma once
// Published figures that ours can be put beside.

#include <string>
#include <vector>

namespace loadstone {

// Table 1 of Kelly, Kuznetsov, Malamud and Xu (2024): US stocks, 132 characteristics, out of sample 1968-02 to 2022-12
// (the small models over their own samples). The pricing error is a Hansen-Jagannathan distance whose form the paper
// does not state; on public factors the squared distance with the second moment comes closest.
struct PublishedModel {
  std::string name;              // as in the paper: FF6, HXZ, SY, DHS, BSV, DKKM, Lin. Attn., MLP, Trans.
  double sharpe, pricing_error;  // 1968-2022
  double sharpe_post_2002, pricing_error_post_2002;
};
const std::vector<PublishedModel>& published_table_1();
const PublishedModel* published(const std::string& name);  // nullptr if the paper has no such model

}  // namespace loadstone
