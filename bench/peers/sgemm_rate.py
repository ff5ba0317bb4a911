"""The machine's single-precision product rate: MKL (torch.mm) and oneDNN (mkldnn linear), one thread, GFLOP/s as JSON.

usage: sgemm_rate.py SECONDS, with an interpreter that has torch
"""

import json
import sys
import time
from functools import partial

import torch


def rate(work, flops: float, seconds: float) -> float:
    """The best of short runs: what the machine can do, not what it does while others use it."""
    work()
    best, end = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        best = max(best, flops / (time.perf_counter() - start) * 1e-9)
    return best


def main() -> None:
    torch.set_num_threads(1)
    shapes = [(3000, 132, 512), (3000, 132, 2048), (1024, 1024, 1024)]
    found = {"mm": 0.0, "mkldnn linear": 0.0}
    each = float(sys.argv[1]) / (2 * len(shapes))
    for rows, inner, columns in shapes:
        a, b, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(rows, columns)
        linear = partial(torch.ops.mkldnn._linear_pointwise, a, b.t().contiguous(), None, "none", [], "")
        flops = 2.0 * rows * inner * columns
        for name, work in (("mm", partial(torch.mm, a, b, out=out)), ("mkldnn linear", linear)):
            found[name] = max(found[name], rate(work, flops, each))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
