#pragma once
// What a network has learned as a table of a result: a row for each number, a column of width S for its replicates,
// and in the metadata the names and shapes of the parameters and the date of the fit.

#include "loadstone/data/table.h"
#include "loadstone/nn/parameter_store.h"

namespace loadstone {

Table parameters_table(const ParameterStore& store, Date fitted);
Table no_parameters();  // of a network that was never fitted: no rows

// (S, shape...) float, by name.
NamedTensors parameters_from(const Table& table);
Date fitted_on(const Table& table);

// Takes the saved values, but for replicates that are saved as NaN since they diverged: they keep their own.
void assign_sound(ParameterStore& store, const Table& table);

}  // namespace loadstone
