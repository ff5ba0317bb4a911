"""Random features: S = relu(X Omega), S'R and S beta of a month, a tile of S at a time so that it stays in cache."""

import numpy as np

from peers.panel import Panel
from peers.processes import shared_array, split


def features_pass(X: np.ndarray, R: np.ndarray, Omega: np.ndarray, beta: np.ndarray, chunk: int, rows: int) -> tuple:
    """S'R (P) and S beta (N) of one month; S (N, P) = relu(X Omega) exists only as (rows, chunk) tiles.

    Omega lies as (P / chunk, D, chunk), so that each tile's factor is contiguous.
    """
    F, weights = np.zeros(Omega.shape[0] * chunk, np.float32), np.zeros(len(R), np.float32)
    tile = np.empty((rows, chunk), np.float32)
    for k in range(Omega.shape[0]):
        columns = slice(k * chunk, (k + 1) * chunk)
        for first in range(0, len(R), rows):
            here = slice(first, min(first + rows, len(R)))
            S = tile[: here.stop - here.start]
            np.matmul(X[here], Omega[k], out=S)
            np.maximum(S, 0.0, out=S)
            F[columns] += R[here] @ S
            weights[here] += S @ beta[columns]
    return F, weights


def tiled(Omega: np.ndarray, chunk: int) -> np.ndarray:
    D, P = Omega.shape
    return np.ascontiguousarray(Omega.reshape(D, P // chunk, chunk).transpose(1, 0, 2))


def all_months(panel: Panel, Omega: np.ndarray, beta: np.ndarray, chunk: int, rows: int, workers: int) -> tuple:
    """F (T, P), the weights of all rows, and the seconds."""
    P = Omega.shape[1]
    Omega_tiles = tiled(Omega, chunk)
    F, weights = shared_array((panel.months, P), np.float32), shared_array((len(panel.R),), np.float32)

    def body(part: range) -> None:
        for t in part:
            X, R = panel.month(t)
            F[t], weights[panel.first[t] : panel.first[t + 1]] = features_pass(X, R, Omega_tiles, beta, chunk, rows)

    return F, weights, split(body, panel.months, workers)


def fastest_tiling(panel: Panel, Omega: np.ndarray, beta: np.ndarray, workers: int) -> tuple[int, int]:
    """The (chunk, rows) that is fastest on a few months of this machine."""
    P = Omega.shape[1]
    few = Panel(panel.X, panel.R, panel.first[: workers + 1])
    chunks = [chunk for chunk in (100, 250, 500, 1000, 2500, P) if P % chunk == 0]
    rows = [n for n in (250, 500, 1000, 3000) if n <= panel.first[1]] or [int(panel.first[1])]

    def seconds(tiling: tuple[int, int]) -> float:
        return min(all_months(few, Omega, beta, *tiling, workers)[2] for _ in range(2))

    return min(((chunk, n) for chunk in chunks for n in rows), key=seconds)


def product_rate(Omega: np.ndarray, X: np.ndarray, workers: int, repeats: int = 20) -> float:
    """GFLOP/s of NumPy's own X Omega, all workers together, at its best tiling of P."""
    best = 0.0
    for chunk in (250, 500, 1000):
        factor = tiled(Omega, chunk)[0]

        def body(part: range, factor: np.ndarray = factor) -> None:
            out = np.empty((len(X), factor.shape[1]), np.float32)
            for _ in part:
                np.matmul(X, factor, out=out)

        products = workers * repeats * 10
        best = max(best, 2e-9 * X.shape[0] * factor.size * products / split(body, products, workers))
    return best
