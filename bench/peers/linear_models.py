"""Ridge on managed portfolios (BSV) and the linear portfolio transformer with all its heads, in dual form.

Months are numbered by signal date: F_t = X_t'R_{t+1}, Xi_t = X_t'X_t / N_t. The window of month s is s-T .. s-1.
All months' T x T products are cut from two products of all months; windows are solved in batches.
"""

import dataclasses

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from peers.panel import Panel
from peers.processes import shared_array, split

BATCH = 16  # windows that are solved together: the fastest of 8, 16, 32, 64, 128, 659


@dataclasses.dataclass
class Paths:
    """What each window gives. S windows, Z penalties, D heads."""

    ridge: np.ndarray  # (S, Z) return of BSV at each penalty
    ridge_loo: np.ndarray  # (S, Z) mean squared leave-one-out error
    transformer: np.ndarray  # (S, Z) return of the saturated transformer
    transformer_loo: np.ndarray  # (S, Z)
    heads: np.ndarray  # (S, Z or 1, D) return with the first 1, 2, … D heads; at the chosen penalty if 1


def moments(panel: Panel, workers: int) -> tuple[np.ndarray, np.ndarray, float]:
    """F (T, D) double, Xi (T, D*D) float32, and the seconds it took."""
    T, D = panel.months, panel.X.shape[1]
    F, Xi = shared_array((T, D), np.float64), shared_array((T, D, D), np.float32)

    def body(part: range) -> None:
        for t in part:
            X, R = panel.month(t)
            np.matmul(X.T, X, out=Xi[t])  # one array with its own transpose: BLAS computes half (syrk)
            Xi[t] /= len(R)
            F[t] = X.T @ R

    seconds = split(body, T, workers)
    return F, Xi.reshape(T, D * D), seconds


def diagonal_windows(G: np.ndarray, T: int) -> np.ndarray:
    """(S, T, T) view: the block of G before each month s = T, T+1, …"""
    windows = sliding_window_view(G, (T, T))
    return np.moveaxis(np.diagonal(windows), -1, 0)[: len(G) - T]


def dual_path(K: np.ndarray, k: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """c (S, Z, T), the next return c'k (S, Z), and leave-one-out errors (S, Z), from one eigendecomposition each."""
    T = K.shape[-1]
    e, Q = np.linalg.eigh(K)
    ones = Q.sum(axis=1)  # Q'1
    Qt = np.swapaxes(Q, 1, 2)
    c = (ones[:, None] / (e[:, None] + T * z[:, None])) @ Qt
    inverse = 1.0 / (e[:, None] + (T - 1) * z[:, None])  # eigenvalues of A^-1, A = K + (T-1) z I
    error = ((ones[:, None] * inverse) @ Qt) / (inverse @ (Qt * Qt))
    return c, (c @ k[:, :, None])[..., 0], np.mean(error * error, axis=-1)


def head_returns(c: np.ndarray, F: np.ndarray, Xi: np.ndarray, now: int) -> np.ndarray:
    """(Z, D): returns of month `now` with the first 1, 2, … heads. c (Z, T) of the window, F (T, D), Xi (T, D, D).

    Heads are the singular vectors of the coefficient as a (D^2, D) matrix, W against lambda: eigenvectors of
    sum Sigma^q(t, tau) Xi_t'Xi_tau (Theorem 4), Sigma^q = R'R from the QR decomposition of q' = (c_t F_t)'.
    """
    T, D = len(c[0]), F.shape[1]
    window = slice(now - T, now)
    rows = Xi[window].reshape(T, D * D).astype(np.float64)
    out = np.empty((len(c), D))
    for z, weights in enumerate(c):
        R = np.linalg.qr((weights[:, None] * F[window]).T, mode="r")
        G = (R @ rows).reshape(-1, D)
        _, V = np.linalg.eigh(G.T @ G)
        V = V[:, ::-1]
        Y = ((weights * (F[window] @ F[now])) @ rows).reshape(D, D)
        out[z] = np.cumsum(((Xi[now].astype(np.float64).T @ Y @ V) * V).sum(axis=0))
    return out


def near_products(V: np.ndarray, T: int, workers: int) -> tuple[np.ndarray, float]:
    """VV' in double between months that are at most T apart (at least; elsewhere 0), and the seconds."""
    G = shared_array((len(V), len(V)), np.float64)

    def body(part: range) -> None:
        for start in range(part.start, part.stop, T):
            rows = slice(start, min(start + T, part.stop))
            columns = slice(max(0, start - T), rows.stop)
            recent = V[columns].astype(np.float64)
            G[rows, columns] = recent[rows.start - columns.start :] @ recent.T
            G[columns, rows] = G[rows, columns].T

    seconds = split(body, len(V), workers)
    return G, seconds


def all_windows(F: np.ndarray, Xi: np.ndarray, T: int, z: np.ndarray, every_penalty: bool, workers: int) -> tuple:
    """Paths of every window, and the seconds they took."""
    GF, GXi, seconds = F @ F.T, *near_products(Xi, T, workers)
    S, Z = len(F) - T, len(z)
    out = Paths(*(shared_array((S, Z), np.float64) for _ in range(4)),
                shared_array((S, Z if every_penalty else 1, F.shape[1]), np.float64))  # fmt: skip
    KF, KXi = diagonal_windows(GF, T), diagonal_windows(GXi, T)
    month = np.arange(T, len(F))
    window = month[:, None] - T + np.arange(T)
    cube = Xi.reshape(len(F), F.shape[1], F.shape[1])
    kF, kXi = GF[month[:, None], window], GXi[month[:, None], window]

    def body(part: range) -> None:
        for start in range(part.start, part.stop, BATCH):
            s = slice(start, min(start + BATCH, part.stop))
            _, out.ridge[s], out.ridge_loo[s] = dual_path(KF[s], kF[s], z)
            c, out.transformer[s], out.transformer_loo[s] = dual_path(KF[s] * KXi[s], kF[s] * kXi[s], z)
            if not every_penalty:
                c = np.take_along_axis(c, out.transformer_loo[s].argmin(axis=1)[:, None, None], axis=1)
            for k, row in zip(range(s.start, s.stop), c, strict=True):
                out.heads[k] = head_returns(row, F, cube, k + T)

    return out, seconds + split(body, S, workers)
