"""The oracle itself: closed forms, identities and published definitions that it does not use."""

import numpy as np
import pytest

import oracle


def test_msrr_is_the_closed_form(rng):
    phi = rng.standard_normal((12, 5))
    z = 0.3
    expected = np.linalg.solve(phi.T @ phi / 12 + z * np.eye(5), phi.mean(axis=0))
    np.testing.assert_allclose(oracle.msrr(phi, z), expected, rtol=1e-10)


def test_refitting_leaves_the_dual_shortcut_as_its_error(rng):
    phi = rng.standard_normal((9, 20))
    T, z = 9, 0.05
    A = np.linalg.inv(phi @ phi.T + (T - 1) * z * np.eye(T))
    shortcut = np.mean((A.sum(axis=1) / np.diag(A)) ** 2)
    assert oracle.loo_error(phi, z) == pytest.approx(shortcut, rel=1e-9)


def test_saturated_transformer_weights_earn_the_return_of_its_features(rng):
    N, D = 7, 3
    X, R = rng.standard_normal((N, D)), rng.standard_normal(N)
    F, Xi = oracle.moments(X, R)
    coefficient = rng.standard_normal(D**3)
    loadings = coefficient.reshape(D, D * D) @ Xi.ravel()
    phi = oracle.transformer_features(F[None], Xi[None])[0]
    assert phi @ coefficient == pytest.approx((X @ loadings) @ R)


def test_all_heads_are_the_whole_coefficient_and_one_is_the_best_rank_one(rng):
    coefficient = rng.standard_normal(27)
    np.testing.assert_allclose(oracle.leading_heads(coefficient, 3, 3), coefficient)
    M = coefficient.reshape(9, 3)
    gap = np.linalg.norm(M - oracle.leading_heads(coefficient, 3, 1).reshape(9, 3))
    assert gap == pytest.approx(np.sqrt(np.sum(np.linalg.svd(M)[1][1:] ** 2)))


def test_rolling_uses_only_the_window_before_the_month(rng):
    phi = rng.standard_normal((10, 2))
    before = oracle.rolling(phi, 4, lambda w: oracle.msrr(w, 0.1))
    changed = phi.copy()
    changed[7:] = rng.standard_normal((3, 2))
    after = oracle.rolling(changed, 4, lambda w: oracle.msrr(w, 0.1))
    np.testing.assert_array_equal(before[:3], after[:3])
    assert not np.allclose(before[3:], after[3:])
    assert after[3] == pytest.approx(changed[7] @ oracle.msrr(phi[3:7], 0.1))  # month 7 itself is not in its window


def test_tangency_scalings_are_proportional_and_only_the_last_has_unit_volatility(rng):
    F = rng.normal([0.1, 0.2, -0.1], 1, (60, 3))
    msrr, markowitz, unit = (oracle.tangency(F, s) for s in ("msrr", "markowitz", "unit_volatility"))
    np.testing.assert_allclose(msrr / msrr[0], markowitz / markowitz[0])
    assert np.std(F @ unit, ddof=1) == pytest.approx(1)
    np.testing.assert_allclose(unit / unit[0], markowitz / markowitz[0])


def test_hansen_jagannathan_distance_of_the_tangency_sdf_is_zero(rng):
    g = rng.standard_normal((200, 4)) * 0.05 + 0.01
    sdf = g @ oracle.tangency(g)
    assert oracle.hj_distance_squared(sdf, g, "second_moment") == pytest.approx(0, abs=1e-20)
    nothing = oracle.hj_distance_squared(np.zeros(200), g, "covariance")
    squared_sharpe = g.mean(axis=0) @ np.linalg.solve(np.cov(g.T), g.mean(axis=0))
    assert nothing == pytest.approx(squared_sharpe)


def test_alpha_with_no_lags_has_white_standard_errors(rng):
    x = rng.standard_normal((80, 2))
    y = 0.3 + x @ [1.0, -0.5] + rng.standard_normal(80) * (1 + np.abs(x[:, 0]))
    a, t = oracle.alpha(y, x, lags=0)
    design = np.column_stack([np.ones(80), x])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    meat = design.T @ (design * ((y - design @ beta) ** 2)[:, None])
    assert a == pytest.approx(beta[0])
    assert t == pytest.approx(beta[0] / np.sqrt((inverse @ meat @ inverse)[0, 0]))


def test_missing_returns_earn_nothing_and_keep_their_place(rng):
    X = rng.standard_normal((5, 2))
    R = np.array([0.1, np.nan, 0.2, 0.0, np.nan])
    F, Xi = oracle.moments(X, R)
    np.testing.assert_allclose(F, X[[0, 2]].T @ R[[0, 2]])
    np.testing.assert_allclose(Xi, X.T @ X / 5)
