"""The pricing models once more, as plainly as the formulas read: for tests only, and slow.

Nothing here is dual, batched or updated: primal least squares on explicit features, leave-one-out by refitting.
Months are numbered by signal date t: X_t (N_t, D), R_{t+1} (N_t), F_t = X_t'R_{t+1}, Xi_t = X_t'Z_t / N_t. The
objective is (37) of Kelly, Kuznetsov, Malamud and Xu (2024): mean((1 - lambda'phi)^2) of the window, plus z |lambda|^2.
"""

import numpy as np
import scipy.linalg


def moments(X: np.ndarray, R: np.ndarray, Z: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """F (D) and Xi (D, d) of one month; a missing return earns 0."""
    Z = X if Z is None else Z
    return X.T @ np.nan_to_num(R), X.T @ Z / len(R)


def transformer_features(F: np.ndarray, Xi: np.ndarray) -> np.ndarray:
    """phi_t = F_t (x) vec(Xi_t): (T, D * D * d) from (T, D) and (T, D, d)."""
    return np.stack([np.kron(f, xi.ravel()) for f, xi in zip(F, Xi, strict=True)])


def msrr(phi: np.ndarray, z: float) -> np.ndarray:
    """argmin of mean((1 - phi lambda)^2) + z |lambda|^2, as least squares of a stacked system: (P)."""
    T, P = phi.shape
    system = np.vstack([phi / np.sqrt(T), np.sqrt(z) * np.eye(P)])
    target = np.concatenate([np.full(T, 1 / np.sqrt(T)), np.zeros(P)])
    return scipy.linalg.lstsq(system, target, cond=0, lapack_driver="gelsy")[0]


def loo_error(phi: np.ndarray, z: float) -> float:
    """Mean squared error of each month under the coefficient that was fitted without it."""
    errors = [1 - phi[t] @ msrr(np.delete(phi, t, axis=0), z) for t in range(len(phi))]
    return float(np.mean(np.square(errors)))


def leading_heads(coefficient: np.ndarray, D: int, heads: int) -> np.ndarray:
    """The coefficient as a (D^2, d) matrix, W_h against lambda_h, cut to its first singular triples, flat again."""
    U, s, Vt = np.linalg.svd(coefficient.reshape(D * D, -1), full_matrices=False)
    return (U[:, :heads] * s[:heads] @ Vt[:heads]).ravel()


def rolling(phi: np.ndarray, T: int, fit) -> np.ndarray:
    """Out-of-sample returns phi_s'fit(phi of the T months before s), s = T, T+1, …"""
    return np.array([phi[s] @ fit(phi[s - T : s]) for s in range(T, len(phi))])


def tangency(F: np.ndarray, scaling: str = "msrr") -> np.ndarray:
    """Weights on given factors (T, K).

    `msrr` E[FF']^-1 E[F], `markowitz` Sigma^-1 mu, `unit_volatility` the latter at unit in-sample volatility.
    """
    if scaling == "msrr":
        return np.linalg.solve(F.T @ F / len(F), F.mean(axis=0))
    weights = np.linalg.solve(np.cov(F.T), F.mean(axis=0))
    return weights if scaling == "markowitz" else weights / np.std(F @ weights, ddof=1)


def sharpe(returns: np.ndarray, periods_per_year: int = 12) -> float:
    return float(np.mean(returns) / np.std(returns, ddof=1) * np.sqrt(periods_per_year))


def hj_distance_squared(sdf_return: np.ndarray, test_assets: np.ndarray, weighting: str) -> float:
    """e'W^-1 e with e = mean((1 - R) g); W the `covariance` (divisor T - 1) or the `second_moment` of g."""
    e = np.mean((1 - sdf_return)[:, None] * test_assets, axis=0)
    W = np.cov(test_assets.T) if weighting == "covariance" else test_assets.T @ test_assets / len(test_assets)
    return float(e @ np.linalg.solve(W, e))


def alpha(y: np.ndarray, x: np.ndarray, lags: int) -> tuple[float, float]:
    """Intercept of y on x and its Newey-West t-statistic (Bartlett kernel, no small-sample correction)."""
    import statsmodels.api as sm

    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    return float(fit.params[0]), float(fit.tvalues[0])


def random_features(X: np.ndarray, Omega: np.ndarray, activation: str = "relu") -> np.ndarray:
    """(N, P) relu(X Omega); for `sincos` (N, 2P) sines, then cosines."""
    product = X @ Omega
    return np.maximum(product, 0) if activation == "relu" else np.hstack([np.sin(product), np.cos(product)])
