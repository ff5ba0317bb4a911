"""Splits work over single-threaded processes and times it from the moment all of them are ready."""

import itertools
import multiprocessing
import os
import time
from collections.abc import Callable

import numpy as np

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
fork = multiprocessing.get_context("fork")


def require_single_threaded() -> None:
    """BLAS reads these when NumPy is imported, so the caller must have set them before that."""
    if any(os.environ.get(name) != "1" for name in THREAD_VARIABLES):
        raise RuntimeError(f"set {', '.join(THREAD_VARIABLES)} to 1 before NumPy is imported")


def shared_array(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Zeros that worker processes write and the parent reads."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(fork.RawArray("b", size), dtype=dtype).reshape(shape)


def share(items: int, workers: int) -> list[range]:
    """Consecutive parts of nearly equal length."""
    edges = [items * k // workers for k in range(workers + 1)]
    return [range(first, last) for first, last in itertools.pairwise(edges)]


def _work(body: Callable[[range], None], part: range, ready: "multiprocessing.Barrier") -> None:
    ready.wait()
    body(part)


def split(body: Callable[[range], None], items: int, workers: int) -> float:
    """Calls body(part) for each part of range(items) in a process of its own; seconds from start to the last end."""
    require_single_threaded()
    ready = fork.Barrier(workers + 1)
    processes = [fork.Process(target=_work, args=(body, part, ready)) for part in share(items, workers)]
    for process in processes:
        process.start()
    ready.wait()
    start = time.perf_counter()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - start
    if any(process.exitcode for process in processes):
        raise RuntimeError("a worker process failed")
    return seconds
