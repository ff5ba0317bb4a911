#pragma once
// The memory of the process.

namespace loadstone {

// Memory that is freed stays with the program: models ask for the same megabytes month after month, and taking them
// from the system anew costs a tenth of a run. Called once by main(), before anything is allocated.
void keep_freed_memory();

}  // namespace loadstone
