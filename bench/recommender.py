"""A sweep of the recommender system against the same in NumPy at its best, in one run, rounds alternating.

python bench/recommender.py [--rounds 9]: prints milliseconds a sweep (each round's median), the ratio and its spread.
NumPy has one thread unless OPENBLAS_NUM_THREADS says otherwise: products this small lose by a second one.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported

import argparse
import pathlib
import statistics
import subprocess
import time

import numpy as np

from peers import recommender

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "build/release/bench/bench_recommender"
Sides = list[tuple[recommender.Side, str]]


def ours(command: list[str], sweeps: int) -> float:
    lines = subprocess.run([*command, str(sweeps)], check=True, capture_output=True, text=True).stdout.split()
    return statistics.median(float(line) for line in lines[:sweeps])


def best_way(side: recommender.Side, Z: np.ndarray) -> str:
    def seconds(way: str) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            recommender.half_sweep(side, Z, 5.0, way)
            times.append(time.perf_counter() - start)
        return min(times)

    return min(("dense", "segments", "groups"), key=seconds)


def peer(sides: Sides, X: np.ndarray, sweeps: int) -> float:
    seconds = []
    for _ in range(sweeps):
        start = time.perf_counter()
        for side, way in sides:
            X = recommender.half_sweep(side, X, 5.0, way)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {
        "rounds": 9,
        "rows": 344,
        "assets": 4125,
        "cells": 52_656,
        "sweeps": 20,
        "threads": 2,
    }.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--K", type=int, nargs="+", default=[8, 32])
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
        command = [str(PROGRAM), "time", str(path), *map(str, shape), str(K), str(arguments.threads)]
        X, Lambda = (np.random.default_rng(1).standard_normal((n, K + 1)) for n in shape[::-1])
        sides = [(rows, best_way(rows, X)), (assets, best_way(assets, Lambda))]
        theirs, mine = [], []
        for _ in range(arguments.rounds):
            theirs.append(1e3 * peer(sides, X, arguments.sweeps))
            mine.append(1e3 * ours(command, arguments.sweeps))
        ratios = [a / b for a, b in zip(theirs, mine, strict=True)]
        ways = " and ".join(way for _, way in sides)
        print(f"K {K}: NumPy ({ways}) {spread(theirs)} ms, loadstone {spread(mine)} ms, ratio {spread(ratios)}")


if __name__ == "__main__":
    main()
