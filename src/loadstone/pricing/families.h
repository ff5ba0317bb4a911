#pragma once
// Models that differ in nothing but the universe they are fitted on: what a row of a table by size group stands for.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "loadstone/pricing/study.h"

namespace loadstone {

struct ModelFamily {
  std::string name;                     // unique among the families
  std::map<std::string, size_t> model;  // universe -> position among the models
};

// Models of a panel with the same type and fields, in order of first appearance; models of given factors have no
// universe and are left out. Two models that are alike in their universe, too, start two families.
//
// A family's name is that of its models without the universe: `Ridge universe=micro`, `Ridge (micro)` and `Micro Ridge`
// are `Ridge`. Where the models do not agree on one, or another family has it, it is the first model's whole name.
std::vector<ModelFamily> model_families(std::span<const PlannedModel> models);

// Universes with a model: all, mega, large, small, micro, nano.
std::vector<std::string> universes_of(std::span<const ModelFamily> families);

}  // namespace loadstone
