"""Alternating least squares of effects and vectors on observed cells, in NumPy at its best.

A half-sweep needs, for each row, sum z z' and sum z u over its cells. Three ways, of which the fastest for each side is
to be taken: `dense`, products of the 0/1 matrix with the outer products of all z (BLAS, memory rows x assets);
`segments`, sums over each row's run of cells; `groups`, batched products of the rows that have equally many cells. All
solve all rows' equations in one call of numpy.linalg.solve.
"""

from collections.abc import Callable

import numpy as np


class Side:
    """The rows (or, transposed, the assets) of the cells, which are sorted by them."""

    def __init__(self, row: np.ndarray, column: np.ndarray, value: np.ndarray, shape: tuple[int, int]) -> None:
        order = np.lexsort((column, row))
        self.row, self.column, self.value = row[order], column[order], value[order]
        self.mask, self.values = np.zeros(shape), np.zeros(shape)
        self.mask[row, column], self.values[row, column] = 1.0, value
        self.present, self.start, count = np.unique(self.row, return_index=True, return_counts=True)
        self.equal = []  # rows with n cells, and the places of their cells (rows, n)
        for n in np.unique(count):
            some = count == n
            self.equal.append((self.present[some], self.start[some, None] + np.arange(n)))

    def dense(self, Z: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        upper = np.triu_indices(Z.shape[1])
        sums = self.mask @ (Z[:, upper[0]] * Z[:, upper[1]])
        G = np.empty((len(sums), Z.shape[1], Z.shape[1]))
        G[:, upper[0], upper[1]] = G[:, upper[1], upper[0]] = sums
        return G, self.values @ Z - self.mask @ (Z * offset[:, None])

    def segments(self, Z: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        upper = np.triu_indices(Z.shape[1])
        u = self.value - offset[self.column]
        terms = np.concatenate([Z[:, upper[0]] * Z[:, upper[1]], Z], axis=1)[self.column]
        terms[:, -Z.shape[1] :] *= u[:, None]
        sums = np.zeros((len(self.mask), terms.shape[1]))
        sums[self.present] = np.add.reduceat(terms, self.start, axis=0)
        G = np.empty((len(sums), Z.shape[1], Z.shape[1]))
        G[:, upper[0], upper[1]] = G[:, upper[1], upper[0]] = sums[:, : len(upper[0])]
        return G, sums[:, len(upper[0]) :]

    def groups(self, Z: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = np.empty((len(self.value), Z.shape[1] + 1))
        z[:, :-1], z[:, -1] = Z[self.column], self.value - offset[self.column]
        sums = np.zeros((len(self.mask), z.shape[1], z.shape[1]))
        for rows, cells in self.equal:
            some = z[cells]
            sums[rows] = some.transpose(0, 2, 1) @ some
        return sums[:, :-1, :-1], sums[:, :-1, -1]


def solve(
    sums: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]], Z: np.ndarray, ridge: float
) -> np.ndarray:
    """theta, effect of each row; Z (n, K + 1): vectors and effects of the other side."""
    design = Z.copy()
    design[:, -1] = 1.0
    G, b = sums(design, Z[:, -1])
    K = Z.shape[1] - 1
    G[:, np.arange(K), np.arange(K)] += ridge
    G[:, K, K] += 1e-12  # rows without cells
    return np.linalg.solve(G, b[:, :, None])[:, :, 0]


def half_sweep(side: Side, Z: np.ndarray, ridge: float, way: str) -> np.ndarray:
    """The vectors and, last, effects of a side (n, K + 1), given those of the other."""
    return solve(getattr(side, way), Z, ridge)
