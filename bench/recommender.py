"""A sweep of the recommender system against the same in NumPy at its best, in one run, rounds alternating.

python bench/recommender.py [--rounds 9]: prints milliseconds a sweep, the ratio and its spread. Both have two threads:
NumPy's in BLAS, where more than one helps it.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")  # read when NumPy is imported

import argparse
import pathlib
import statistics
import subprocess
import time

import numpy as np

from peers import recommender

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "build/release/bench/bench_recommender"
THREADS = 2


def ours(command: list[str], sweeps: int) -> float:
    lines = subprocess.run([*command, str(sweeps)], check=True, capture_output=True, text=True).stdout.split()
    return statistics.median(float(line) for line in lines[:sweeps])


def peer(rows: recommender.Side, assets: recommender.Side, K: int, way: str, sweeps: int) -> float:
    X = np.random.default_rng(1).standard_normal((len(assets.mask), K + 1))
    seconds = []
    for _ in range(sweeps):
        start = time.perf_counter()
        X, _ = recommender.sweep(rows, assets, X, 5.0, way)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"rounds": 9, "rows": 344, "assets": 4125, "cells": 52_656, "sweeps": 20}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--K", type=int, nargs="+", default=[8])
    arguments = parser.parse_args()
    shape = (arguments.rows, arguments.assets)
    path = HERE / "out" / f"cells-{shape[0]}-{shape[1]}-{arguments.cells}"
    path.parent.mkdir(exist_ok=True)
    subprocess.run([PROGRAM, "write", path, *map(str, shape), str(arguments.cells)], check=True)
    row, asset, value = np.loadtxt(path, unpack=True)
    row, asset = row.astype(int), asset.astype(int)
    value = (value - value.mean()) / value.std()
    rows, assets = recommender.Side(row, asset, value, shape), recommender.Side(asset, row, value, shape[::-1])
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, {len(value)} cells")
    for K in arguments.K:
        command = [str(PROGRAM), "time", str(path), *map(str, shape), str(K), str(THREADS)]
        way = min(("dense", "segments"), key=lambda way: peer(rows, assets, K, way, 5))
        theirs, mine = [], []
        for _ in range(arguments.rounds):
            theirs.append(1e3 * peer(rows, assets, K, way, arguments.sweeps))
            mine.append(1e3 * ours(command, arguments.sweeps))
        ratios = [a / b for a, b in zip(theirs, mine, strict=True)]
        print(f"K {K}: NumPy ({way}) {spread(theirs)} ms, loadstone {spread(mine)} ms, ratio {spread(ratios)}")


if __name__ == "__main__":
    main()
