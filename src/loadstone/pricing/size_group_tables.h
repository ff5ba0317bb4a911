#pragma once
// Models re-estimated within size groups (Kelly, Kuznetsov, Malamud and Xu 2024, section 4.4.7).

#include "loadstone/pricing/evidence.h"

namespace loadstone {

// Nothing unless a model is fitted within a size group. Rows are families of models (families.h), which match across
// universes. Tables:
//   size_tangency, size_tangency_sharpe  table 6: non-negative ex-post tangency weights within each universe of two
//                                        models or more, with bootstrap intervals; nothing without replications
//   size_performance_common, _group      tables 7 and 8: Sharpe ratios and Hansen-Jagannathan distances, on the test
//                                        assets of all universes and on the universe's own managed portfolios
// Figures size_sharpe, size_hj_common, size_hj_group: figure 4, of the first sample.
void add_size_groups(Summary& summary, const Evidence& evidence);

}  // namespace loadstone
