"""Square products, with the protocol of network.py. TYPE is torch's name of it.

usage: square_product.py SIZE TYPE THREADS DEVICE
"""

import json
import sys
import time

import torch


def main() -> None:
    size, kind, threads, device = sys.argv[1:]
    torch.set_num_threads(int(threads))
    a, b, out = (torch.randn(int(size), int(size), device=device).to(getattr(torch, kind)) for _ in range(3))
    for line in sys.stdin:
        start, busy = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            torch.mm(a, b, out=out)
        out[0, 0].item()  # a GPU has ended, too
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        print(json.dumps({"seconds": seconds, "busy": busy, "losses": []}), flush=True)


if __name__ == "__main__":
    main()
