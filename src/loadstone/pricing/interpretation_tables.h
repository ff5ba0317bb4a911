#pragma once
// What the run's linear transformers have learnt, as tables and figures: each at its last portfolio (sections 2 and
// 4.4.6 of the paper, appendix B.3).

#include <span>

#include "loadstone/data/panel.h"
#include "loadstone/experiment/study.h"
#include "loadstone/pricing/dual_transformer.h"

namespace loadstone {

// A fit with the month whose portfolio it forms, and the names of the features.
struct InterpretedFit {
  std::string name;                           // of the model
  const DualTransformer& fit;                 // of the window
  at::Tensor Xi, X;                           // (D, d), (N, D) of the month
  std::vector<Date> window;                   // (T) dates of the window's months
  std::vector<std::string> attention, value;  // (D), (d)
};

// Tables principal_head_<n> (ten largest entries of W and of lambda) and head_shares_<n> (share of the variance of
// weights across assets, and of the coefficients), figure timing_attention_<n> (Sigma^Xi as a cosine).
void add_interpretation(Summary& summary, const InterpretedFit& fit, size_t number);

// Of every transformer among summary.models.
void add_interpretation(Summary& summary, const Panel& panel);

}  // namespace loadstone
