#pragma once
// How good the models' weights are where the truth is known: each month's weights under the true mean and covariance.

#include <filesystem>

#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// One row for each model that holds the panel's assets, from the weights that the run kept: population Sharpe ratio,
// the oracle's (the highest possible in the same months), the share of the one in the other, the distance to the true
// SDF of the weights as the model gives them, and the realised Sharpe ratio.
ReportTable truth_table(const std::filesystem::path& economy, const Panel& panel, const Outcomes& outcomes,
                        const Inputs& results);

}  // namespace loadstone
