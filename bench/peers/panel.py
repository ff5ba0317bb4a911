"""The panel that peers read: one memory-mapped float32 matrix of all rows, months one after the other."""

import dataclasses
import pathlib

import numpy as np


@dataclasses.dataclass
class Panel:
    X: np.ndarray  # (rows, D) float32 ranks in [-0.5, 0.5]
    R: np.ndarray  # (rows) float32 excess return of the month after, decimal
    first: np.ndarray  # (T + 1) first row of each month

    @property
    def months(self) -> int:
        return len(self.first) - 1

    def month(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        rows = slice(self.first[t], self.first[t + 1])
        return self.X[rows], self.R[rows]


def generate(folder: pathlib.Path, months: int, stocks: int, characteristics: int, seed: int = 1) -> None:
    """Persistent ranks, and returns whose premium depends on a few of them. Written once, then mapped."""
    if (folder / "first.npy").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    first = np.arange(months + 1) * stocks
    shape = (months * stocks, characteristics)
    X = np.lib.format.open_memmap(folder / "X.npy", mode="w+", dtype=np.float32, shape=shape)
    R = np.empty(months * stocks, dtype=np.float32)
    ranks = (np.arange(stocks, dtype=np.float32) / (stocks - 1)) - 0.5
    state = rng.standard_normal((stocks, characteristics), dtype=np.float32)
    premium = np.zeros(characteristics, dtype=np.float32)
    premium[: characteristics // 4] = 0.004
    for t in range(months):
        state = 0.9 * state + 0.43 * rng.standard_normal(state.shape, dtype=np.float32)
        rows = slice(first[t], first[t + 1])
        X[rows] = ranks[state.argsort(axis=0).argsort(axis=0)]
        R[rows] = X[rows] @ premium + 0.1 * rng.standard_normal(stocks, dtype=np.float32)
    np.save(folder / "R.npy", R)
    np.save(folder / "first.npy", first)


def load(folder: pathlib.Path) -> Panel:
    return Panel(np.load(folder / "X.npy", mmap_mode="r"), np.load(folder / "R.npy"), np.load(folder / "first.npy"))
