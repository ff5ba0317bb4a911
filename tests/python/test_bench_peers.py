"""The peers that loadstone is timed against compute the right thing: at small size they agree with the oracle."""

import numpy as np
import pytest

import oracle
from peers import linear_models, panel, random_features, recommender, words

T, Z = 6, np.array([1e-3, 0.1, 10.0])


@pytest.fixture
def small(rng) -> panel.Panel:
    months, D = 11, 7  # as in use, more characteristics than months in a window
    sizes = rng.integers(8, 14, months)
    X = rng.standard_normal((sizes.sum(), D)).astype(np.float32)
    R = (0.1 * rng.standard_normal(sizes.sum())).astype(np.float32)
    return panel.Panel(X, R, np.concatenate([[0], np.cumsum(sizes)]))


def slow_moments(data: panel.Panel) -> tuple[np.ndarray, np.ndarray]:
    pairs = [oracle.moments(*(a.astype(np.float64) for a in data.month(t))) for t in range(data.months)]
    return np.stack([F for F, _ in pairs]), np.stack([Xi for _, Xi in pairs])


@pytest.mark.parametrize("workers", [1, 2])
def test_moments(small, workers):
    F, Xi, _ = linear_models.moments(small, workers)
    slow_F, slow_Xi = slow_moments(small)
    np.testing.assert_allclose(F, slow_F, atol=1e-6)
    np.testing.assert_allclose(Xi.reshape(slow_Xi.shape), slow_Xi, atol=1e-6)


@pytest.mark.parametrize("every_penalty", [True, False])
def test_ridge_and_transformer_paths(small, every_penalty):
    F, Xi = slow_moments(small)
    paths, _ = linear_models.all_windows(F, Xi.reshape(len(F), -1), T, Z, every_penalty, workers=2)
    phi = oracle.transformer_features(F, Xi)
    for i, z in enumerate(Z):
        np.testing.assert_allclose(paths.ridge[:, i], oracle.rolling(F, T, lambda w, z=z: oracle.msrr(w, z)))
        np.testing.assert_allclose(paths.transformer[:, i], oracle.rolling(phi, T, lambda w, z=z: oracle.msrr(w, z)))
        slow = [oracle.loo_error(phi[s - T : s], z) for s in range(T, len(phi))]
        np.testing.assert_allclose(paths.transformer_loo[:, i], slow)
        slow = [oracle.loo_error(F[s - T : s], z) for s in range(T, len(phi))]
        np.testing.assert_allclose(paths.ridge_loo[:, i], slow)


@pytest.mark.parametrize("every_penalty", [True, False])
def test_heads(rng, every_penalty):
    D, months = 7, 10
    F, Xi = 0.1 * rng.standard_normal((months, D)), rng.standard_normal((months, D, D))
    paths, _ = linear_models.all_windows(F, Xi.reshape(months, -1), T, Z, every_penalty, workers=1)
    phi = oracle.transformer_features(F, Xi)
    for s in range(months - T):
        chosen = range(len(Z)) if every_penalty else [paths.transformer_loo[s].argmin()]
        for i, z in enumerate(Z[list(chosen)]):
            coefficient = oracle.msrr(phi[s : s + T], z)
            slow = [phi[s + T] @ oracle.leading_heads(coefficient, D, heads) for heads in range(1, D + 1)]
            np.testing.assert_allclose(paths.heads[s, i], slow, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("chunk", "rows"), [(4, 3), (12, 100)])
def test_random_features(small, rng, chunk, rows):
    Omega, beta = (rng.standard_normal(shape).astype(np.float32) for shape in ((7, 12), (12,)))
    F, weights, _ = random_features.all_months(small, Omega, beta, chunk, rows, workers=2)
    for t in range(small.months):
        X, R = small.month(t)
        S = oracle.random_features(X.astype(np.float64), Omega)
        np.testing.assert_allclose(F[t], S.T @ R, atol=1e-5)
        np.testing.assert_allclose(weights[small.first[t] : small.first[t + 1]], S @ beta, atol=1e-4)


def test_generated_panel_has_a_premium_and_survives_reading(tmp_path):
    panel.generate(tmp_path / "panel", months=3, stocks=50, characteristics=8)
    data = panel.load(tmp_path / "panel")
    assert data.X.shape == (150, 8)
    assert data.months == 3
    for t in range(3):
        X, _ = data.month(t)
        np.testing.assert_allclose(np.sort(X, axis=0), np.tile(np.linspace(-0.5, 0.5, 50)[:, None], 8), atol=1e-6)


# Each row by itself: ridge regression of its cells, less the other side's effects, on the other side's vectors and a 1.
@pytest.mark.parametrize("way", ["dense", "segments", "groups"])
def test_half_sweep_of_least_squares(rng, way):
    rows, columns, K, ridge = 9, 14, 3, 0.7
    row, column = np.nonzero(rng.random((rows, columns)) < 0.5)
    value, Z = rng.standard_normal(len(row)), rng.standard_normal((columns, K + 1))
    found = recommender.half_sweep(recommender.Side(row, column, value, (rows, columns)), Z, ridge, way)
    for i in range(rows):
        X = np.hstack([Z[column[row == i], :K], np.ones(((row == i).sum(), 1))])
        y = value[row == i] - Z[column[row == i], K]
        slow = np.linalg.solve(X.T @ X + ridge * np.diag([1.0] * K + [0.0]), X.T @ y)
        np.testing.assert_allclose(found[i], slow, rtol=1e-9)


@pytest.mark.parametrize("skip_gram", [True, False])
def test_likelihood_of_portfolios(rng, skip_gram):
    X, out = rng.standard_normal((6, 3)), rng.standard_normal((6, 3))
    X[4] = out[4] = np.nan  # in no portfolio of the training
    portfolios = [["0", "1", "2", "3"], ["5", "4", "0"]]
    total, count = 0.0, 0
    for portfolio in portfolios:
        own = [int(word) for word in portfolio]
        for t, target in enumerate(own):
            near = [w for i, w in enumerate(own) if i != t and abs(i - t) <= 2 and w != 4]
            if target == 4:
                continue
            inputs, predicted = ([target], near) if skip_gram else (near, [target])
            h = np.mean(X[inputs], axis=0)
            p = np.exp(out @ h)
            total += sum(np.log(p[w] / np.nansum(p)) for w in predicted)
            count += len(predicted)
    found = words.log_likelihood(portfolios, X, out, skip_gram=skip_gram, window=2)
    assert found == pytest.approx(total / count, rel=1e-12)
