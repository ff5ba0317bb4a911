#include "loadstone/pricing/published.h"

namespace loadstone {

const std::vector<PublishedModel>& published_table_1() {
  static const std::vector<PublishedModel> table{
      {"FF6", 1.05, 0.55, 0.80, 0.75},        {"HXZ", 1.80, 0.42, 0.97, 0.73}, {"SY", 1.37, 0.53, 0.73, 0.88},
      {"DHS", 1.21, 0.61, 0.46, 0.87},        {"BSV", 3.60, 0.15, 2.03, 0.52}, {"DKKM", 3.91, 0.13, 2.42, 0.44},
      {"Lin. Attn.", 3.89, 0.14, 2.25, 0.48}, {"MLP", 4.31, 0.13, 3.07, 0.42}, {"Trans.", 4.57, 0.09, 3.37, 0.34}};
  return table;
}

const PublishedModel* published(const std::string& name) {
  for (const PublishedModel& model : published_table_1())
    if (model.name == name) return &model;
  return nullptr;
}

}  // namespace loadstone
