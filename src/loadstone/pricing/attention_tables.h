#pragma once
// What the attention of a run's transformers does: measured when a fit was used last, told in the report.

#include "loadstone/data/panel.h"
#include "loadstone/experiment/study.h"
#include "loadstone/pricing/network_fit.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// Rows block, what, at, value, of the first replicate whose parameters are numbers: attention_summary() of each block
// (`entropy`, `largest`, `itself`, `equal`, `group` "small to mega", `distance` 1 .. 10, `scale`) where attention is a
// softmax, and with block 0 the part of the variation of weights that comes from others (`from others`), with
// `long_only` of the w that it makes positive. X: (N, D), group: (N) long of the month; assets that `mask_missing`
// leaves out are left out here. No rows for a network without attention, or fewer than two assets.
Table attention_table(const NetworkModel& model, const ParameterStore& store, const at::Tensor& X,
                      const at::Tensor& group);

// Tables `attention` and `attention_by_group`, figures by size group, distance of characteristics and temperature
// (lemma 1), means over the fits of each model. Nothing without attention.
void add_attention(Summary& summary, const Outcomes& outcomes, const Inputs& results);

}  // namespace loadstone
