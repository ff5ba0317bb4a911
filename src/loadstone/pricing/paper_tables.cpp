#include "loadstone/pricing/paper_tables.h"
namespace loadstone {
void add_paper_tables(Summary&, const Outcomes&, const std::vector<ReturnSeries>&, const std::vector<Sample>&,
                      const FactorTable*, const EvaluationConfig&, int) {}
}  // namespace loadstone
