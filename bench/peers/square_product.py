"""2,048 square products in single precision; the protocol of network.py. usage: square_product.py THREADS"""

import json
import sys
import time

import torch


def main() -> None:
    torch.set_num_threads(int(sys.argv[1]))
    a, b, out = (torch.randn(2048, 2048) for _ in range(3))
    for line in sys.stdin:
        start, busy = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            torch.mm(a, b, out=out)
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        print(json.dumps({"seconds": seconds, "busy": busy, "losses": []}), flush=True)


if __name__ == "__main__":
    main()
