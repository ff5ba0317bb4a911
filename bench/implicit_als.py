"""A sweep of the implicit-feedback model against `implicit` at its best, in one run, rounds alternating.

python bench/implicit_als.py [--rounds 9]: milliseconds a sweep (each round's median), the ratio and its spread, and
the objective that each reaches. `implicit` works in single precision, by three steps of conjugate gradients or exactly:
both are measured. Ours is exact, in double precision.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # `implicit` asks for it: it has threads of its own

import argparse
import json
import pathlib
import statistics
import subprocess

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE.parent / "build/release/bench"


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def objective(held: scipy.sparse.csr_matrix, X: np.ndarray, Lambda: np.ndarray, alpha: float, ridge: float) -> float:
    p = held.toarray()
    squares = (1 + alpha * p) * (p - Lambda @ X.T) ** 2
    return squares.sum() + ridge * ((X**2).sum() + (Lambda**2).sum())


def peer(held: scipy.sparse.csr_matrix, a: argparse.Namespace, use_cg: bool) -> tuple[float, float]:
    seconds = []
    model = AlternatingLeastSquares(
        a.K, regularization=a.ridge, use_cg=use_cg, iterations=a.sweeps, num_threads=a.threads, random_state=1
    )
    confidence = held * np.float32(1 + a.alpha)
    model.fit(confidence, show_progress=False, callback=lambda _, elapsed, __: seconds.append(elapsed))
    X, Lambda = model.item_factors.astype(float), model.user_factors.astype(float)
    return 1e3 * statistics.median(seconds), objective(held, X, Lambda, a.alpha, a.ridge)


def ours(path: pathlib.Path, a: argparse.Namespace) -> tuple[float, float]:
    config = json.dumps({"K": a.K, "alpha": a.alpha, "ridge": a.ridge})
    command = [PROGRAMS / "bench_implicit_als", path, *map(str, (a.rows, a.assets, a.threads, a.sweeps)), config]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return 1e3 * statistics.median(float(line.split()[0]) for line in lines), float(lines[-1].split()[1])


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    defaults = {"rounds": 9, "rows": 344, "assets": 4125, "cells": 52_656, "sweeps": 20, "threads": 2, "K": 16}
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in {"alpha": 10.0, "ridge": 1.0}.items():
        parser.add_argument(f"--{name}", type=float, default=default)
    return parser.parse_args()


def main() -> None:
    a = parse()
    path = HERE / "out" / f"cells-{a.rows}-{a.assets}-{a.cells}"
    path.parent.mkdir(exist_ok=True)
    subprocess.run([PROGRAMS / "bench_recommender", "write", path, *map(str, (a.rows, a.assets, a.cells))], check=True)
    row, asset, _ = np.loadtxt(path, unpack=True)
    held = scipy.sparse.csr_matrix(
        (np.ones(len(row), np.float32), (row.astype(int), asset.astype(int))), shape=(a.rows, a.assets)
    )
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, {held.nnz} cells, K = {a.K}")
    gradients, exact, mine = [], [], []
    for _ in range(a.rounds):
        gradients.append(peer(held, a, True))
        exact.append(peer(held, a, False))
        mine.append(ours(path, a))
    for name, theirs in {"conjugate gradients": gradients, "exact": exact}.items():
        ratios = [x / y for (x, _), (y, _) in zip(theirs, mine, strict=True)]
        print(
            f"implicit, {name}: {spread([x for x, _ in theirs])} ms, objective {theirs[-1][1]:.1f}; "
            f"loadstone {spread([y for y, _ in mine])} ms, objective {mine[-1][1]:.1f}; ratio {spread(ratios)}"
        )


if __name__ == "__main__":
    main()
