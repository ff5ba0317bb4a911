"""Training steps of the portfolio transformer (seed 002, equations (13) to (21)) in PyTorch, written from the paper.

usage: network.py FOLDER MONTHS N D K H WIDTH WAY THREADS DEVICE, with WAY one of eager, compile, sdpa, sdpa-bf16

Reads numbers of steps, one a line, and answers each with seconds, seconds of processors, losses and peak
memory in MB, one line of JSON. Data and first parameters are what `bench_network write` left in FOLDER.
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F


class Transformer(torch.nn.Module):
    def __init__(self, folder: pathlib.Path, D: int, K: int, H: int, width: int, attention) -> None:
        super().__init__()

        def parameter(name: str, *shape: int) -> torch.nn.Parameter:
            return torch.nn.Parameter(torch.from_numpy(np.fromfile(folder / name, np.float32).reshape(shape)))

        shapes = {"W": (H, D, D), "V": (H, D, D), "W1": (D, width), "b1": (width,), "W2": (width, D), "b2": (D,)}
        self.blocks = torch.nn.ModuleList(
            torch.nn.ParameterDict({name: parameter(f"block{k}.{name}", *shape) for name, shape in shapes.items()})
            for k in range(1, K + 1)
        )
        self.readout = parameter("lambda", D)
        self.attention = attention

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        Y = X
        for block in self.blocks:
            Y = Y + self.attention(Y @ block["W"], Y, Y @ block["V"])
            Y = Y + F.linear(torch.relu(Y @ block["W1"] + block["b1"]), block["W2"].T, block["b2"])
        return Y @ self.readout


def plain(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """(H, N, D), (N, D), (H, N, D) -> (N, D): attention as it is written."""
    return (torch.softmax(queries @ keys.T, dim=-1) @ values).sum(0)


def fused(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    keys = keys.expand_as(queries)
    return F.scaled_dot_product_attention(queries[None], keys[None], values[None], scale=1.0)[0].sum(0)


def fused_bf16(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return fused(queries.bfloat16(), keys.bfloat16(), values.bfloat16()).float()


def steps(folder: pathlib.Path, months: int, N: int, D: int, K: int, H: int, width: int, way: str, device: str):
    """Yields the loss of each step, in the time of a step."""
    X, R = (torch.from_numpy(np.fromfile(folder / name, np.float32).reshape(months, N, -1)).to(device) for name in "XR")
    attention = {"sdpa": fused, "sdpa-bf16": fused_bf16}.get(way, plain)
    model = Transformer(folder, D, K, H, width, attention).to(device)

    def loss_of(X: torch.Tensor, R: torch.Tensor) -> torch.Tensor:
        return (1 - model(X) @ R[:, 0]).square()

    run = torch.compile(loss_of) if way == "compile" else loss_of
    adam = torch.optim.Adam(model.parameters(), lr=1e-5, fused=True)
    step = 0
    while True:
        adam.zero_grad()
        loss = run(X[step % months], R[step % months])
        loss.backward()
        adam.step()
        yield loss.item()
        step += 1


def main() -> None:
    folder, sizes, (way, threads, device) = pathlib.Path(sys.argv[1]), map(int, sys.argv[2:8]), sys.argv[8:]
    torch.set_num_threads(int(threads))
    losses = steps(folder, *sizes, way, device)
    for line in sys.stdin:
        start, busy = time.perf_counter(), time.process_time()
        found = [next(losses) for _ in range(int(line))]
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"seconds": seconds, "busy": busy, "losses": found, "peak_mb": peak}), flush=True)


if __name__ == "__main__":
    main()
