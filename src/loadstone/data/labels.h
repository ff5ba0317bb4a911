#pragma once
// What is known of the names in the dictionaries of Holdings: name, industry, country of assets; name, kind, size of
// investors.

#include "loadstone/data/table.h"

namespace loadstone {

// Row k describes name k of the dictionary. The first column is the dictionary itself (`asset`, `investor`); the others
// are texts (empty = missing) or doubles (NaN = missing). A label is one value for all quarters: the earliest.
struct HoldingsLabels {
  Table assets, investors;
};

}  // namespace loadstone
