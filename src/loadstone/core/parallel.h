#pragma once
// Loops over independent items on several threads. An item must compute the same bits whichever thread runs it: it
// writes to its own place, and sums over items are taken afterwards, in order.

#include <cstddef>
#include <functional>

namespace loadstone {

// Calls body(i) for i in [0, n) on `threads` threads (1 = in this thread). Each thread takes the next item when it is
// free. If bodies throw, the exception of the lowest item that threw is rethrown once all threads have stopped.
void parallel_for(size_t n, int threads, const std::function<void(size_t)>& body);

// Library calls (BLAS, ATen) run on one thread each, in the caller and in the threads of parallel_for: ours are the
// only threads, so that results do not depend on how many there are. Called once by each program's main(). A thread
// started any other way would have as many threads as the machine has cores inside each of its library calls.
void use_single_threaded_libraries();

}  // namespace loadstone
