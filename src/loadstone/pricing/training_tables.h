#pragma once
// Loss curves of the networks of a run.

#include "loadstone/experiment/study.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// A line for each network: the loss of an epoch, mean over fits and seeds, and, where months are kept out of training,
// the loss on those. Nothing without networks.
void add_loss_curves(Summary& summary, const Outcomes& outcomes, const Inputs& results);

}  // namespace loadstone
