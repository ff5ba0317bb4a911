"""The transformer's parts, its H-head optimum and its OLS form, end to end: against coefficients that are written out
from the raw data of a small panel, in the report of a simulated economy, and where they are refused."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import scipy.optimize

import oracle

T, D, Z, MONTHS = 12, 3, 1e-2, pd.date_range("2000-01-31", periods=30, freq="ME")

SMALL = f"""
study = 'pricing'
[data.panel]
source = 'csv'
path = 'panel.csv'
date = 'date'
asset = 'asset'
returns = 'ret'
timing = 'known_at'
rank = false
[backtest]
window = {T}
block = 7
[evaluation]
bootstrap = 0
[[model]]
type = 'transformer'
penalties = [{Z}]
own_asset = true
factor_scale = 'SCALE'
[[model]]
type = 'transformer_heads'
heads = 1
penalty = {Z}
factor_scale = 'SCALE'
tolerance = 1e-13
[[model]]
type = 'transformer_ols'
penalty = {Z}
tolerance = 1e-10
"""


def panel(rng):
    """Months of ragged width with a few missing returns: a frame for the program, and (X, R) of each month."""
    rows, months = [], []
    for t, date in enumerate(MONTHS):
        N = 9 + t % 3
        X = rng.normal(size=(N, D)).astype(np.float32).astype(float)
        R = (0.3 * rng.normal(size=N) + 0.2 * X[:, 0] * X[:, 1].mean()).astype(np.float32).astype(float)
        R[rng.random(N) < 0.05] = np.nan
        months.append((X, R))
        frame = pd.DataFrame(X, columns=["a", "b", "c"])
        frame.insert(0, "asset", [f"A{i:03d}" for i in range(N)])
        frame.insert(0, "date", date.strftime("%Y-%m-%d"))
        rows.append(frame.assign(ret=R))
    return pd.concat(rows, ignore_index=True), months


@pytest.fixture(params=["sum", "mean"])
def small(cli, tmp_path, rng, request):
    """Results of a run by model, with the raw months and what a month's F is multiplied by."""
    frame, months = panel(rng)
    frame.to_csv(tmp_path / "panel.csv", index=False)
    (tmp_path / "e.toml").write_text(SMALL.replace("SCALE", request.param))
    done = cli("run", tmp_path / "e.toml", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr

    def result(model):
        files = (tmp_path / "out/results").glob(f"{model}_[12]*.parquet")
        parts = [pq.read_table(f).to_pandas() for f in files if "weights" not in f.name]
        return pd.concat(parts).sort_values("date").reset_index(drop=True)

    scale = [1.0 if request.param == "sum" else 1 / len(R) for _, R in months]
    return {m: result(m) for m in ("transformer", "transformer_heads", "transformer_ols")}, months, scale


def window_features(months, scale, s):
    moments = [oracle.moments(X, R) for X, R in months[s - T : s]]
    F = np.array([F * c for (F, _), c in zip(moments, scale[s - T : s], strict=True)])
    return oracle.transformer_features(F, np.array([Xi for _, Xi in moments]))


def earned(coefficient, month, scale, own=False):
    """w_i = 1/N sum_k sum_abc lambda_abc X_ia X_kb X_kc, over all k or k = i alone, times R."""
    X, R = month
    lam = coefficient.reshape(D, D, D)
    weights = np.einsum("abc,ia,ib,ic->i", lam, X, X, X) if own else np.einsum("abc,ia,kb,kc->i", lam, X, X, X)
    return scale * weights @ np.nan_to_num(R) / len(R)


def test_parts_are_those_of_the_coefficients(small):
    results, months, scale = small
    table = results["transformer"]
    assert len(table) == len(months) - T
    for row, s in enumerate(range(T, len(months))):
        lam = oracle.msrr(window_features(months, scale, s), Z)
        swapped = lam.reshape(D, D, D).transpose(1, 0, 2).ravel()
        total, own = earned(lam, months[s], scale[s]), earned(lam, months[s], scale[s], own=True)
        expected = {
            "return": total,
            "variant symmetric": earned((lam + swapped) / 2, months[s], scale[s]),
            "variant antisymmetric": earned((lam - swapped) / 2, months[s], scale[s]),
            "variant own-asset": own,
            "variant cross-asset": total - own,
        }
        for column, value in expected.items():
            assert table[column][row] == pytest.approx(value, rel=1e-4, abs=1e-6), (column, s)


def alternating_ridge(phi, v):
    """Coefficient W v' of one head: primal ridge regressions for W and v in turn, from the unit vector v."""
    parts, values = phi.reshape(T, D * D, D), [np.inf]
    while len(values) < 3 or values[-2] - values[-1] > 1e-14 * values[-1]:
        W = oracle.msrr(parts @ v, Z)
        W /= np.linalg.norm(W)
        v = oracle.msrr(np.einsum("tpk,p->tk", parts, W), Z)
        coefficient = np.outer(W, v).ravel()
        values.append(objective(phi, coefficient))
        v /= np.linalg.norm(v)
    return coefficient


def objective(phi, coefficient):
    return np.mean((1 - phi @ coefficient) ** 2) + Z * coefficient @ coefficient


def test_one_head_is_an_optimum_reached_from_the_truncation(small):
    results, months, scale = small
    table = results["transformer_heads"]
    for row, s in list(enumerate(range(T, len(months))))[::6]:
        phi = window_features(months, scale, s)
        lam = oracle.msrr(phi, Z)
        truncated = oracle.leading_heads(lam, D, 1)
        optimum = alternating_ridge(phi, np.linalg.svd(lam.reshape(D * D, D))[2][0])
        # A general optimiser finds nothing better near it.
        head = np.linalg.svd(optimum.reshape(D * D, D), full_matrices=False)
        start = np.concatenate([head[0][:, 0], head[2][0]]) * np.sqrt(head[1][0])
        polished = scipy.optimize.minimize(lambda x, phi=phi: objective(phi, np.outer(x[:-D], x[-D:]).ravel()), start)
        assert polished.fun == pytest.approx(objective(phi, optimum), rel=1e-8)
        expected = {"truncation": truncated, "optimum": optimum, "saturated model": lam}
        for name, coefficient in expected.items():
            value = table[f"diagnostic objective of the {name}"][row]
            assert value == pytest.approx(objective(phi, coefficient), rel=1e-6), (name, s)
        expected = {"return": optimum, "variant truncation": truncated, "variant saturated": lam}
        for column, coefficient in expected.items():
            value = earned(coefficient, months[s], scale[s])
            assert table[column][row] == pytest.approx(value, rel=1e-3, abs=1e-5), (column, s)


def test_ols_is_the_regression_of_all_returns(small):
    results, months, _ = small
    table = results["transformer_ols"]
    for row, s in list(enumerate(range(T, len(months))))[::6]:
        features = [np.kron(X, (X.T @ X / len(R)).ravel()) for X, R in months[s - T : s]]
        S, R = np.vstack(features), np.concatenate([np.nan_to_num(R) for _, R in months[s - T : s]])
        lam = np.linalg.solve(S.T @ S + T * Z * np.eye(D**3), S.T @ R)
        assert table["return"][row] == pytest.approx(earned(lam, months[s], 1.0), rel=1e-4, abs=1e-6)
    assert (table["diagnostic relative residual"] < 1e-10).all()


ECONOMY = """
study = "pricing"
seed = 3
[data.panel]
source = "simulate"
assets = 60
months = 80
characteristics = 8
informative = 4
state_pairs = 2
panel_only = true
[backtest]
window = 24
block = 20
[evaluation]
bootstrap = 0
[[model]]
type = "transformer"
own_asset = true
[[model]]
name = "heads {heads}"
type = "transformer_heads"
penalty = 1e-3
sweep.heads = [1, 3, 8]
[[model]]
name = "ols {rank}"
type = "transformer_ols"
penalty = 1e-2
sweep.rank = [0, 6]
"""


def test_the_report_tells_parts_and_the_errors_of_fits(cli, tmp_path):
    (tmp_path / "e.toml").write_text(ECONOMY)
    done = cli("run", tmp_path / "e.toml", "--out", tmp_path / "out", "--workers", 2)
    assert done.returncode == 0, done.stderr
    tables = tmp_path / "out/tables"
    parts = pd.read_csv(tables / "variants.csv").set_index(["model", "variant"])
    assert list(parts.loc["transformer"].index) == ["total", "antisymmetric", "symmetric", "own-asset", "cross-asset"]
    assert list(parts.loc["heads 3"].index) == ["total", "truncation", "saturated"]
    assert parts.notna().all(axis=None)
    returns = pd.read_csv(tmp_path / "out/returns.csv").query("model == 'heads 3'")["return"]
    assert parts.loc[("heads 3", "total"), "Sharpe"] == pytest.approx(oracle.sharpe(returns))
    pairs = pd.read_csv(tables / "variant_correlations.csv")
    assert len(pairs) == 10 + 3 * 3
    assert pairs.correlation.between(-1, 1 + 1e-12).all()

    heads = pd.read_csv(tables / "diagnostics_transformer_heads.csv").set_index("model")
    gap = heads["gap, share of the truncation's, median"]
    assert gap["heads 1"] > gap["heads 3"] > 1e-3 and gap["heads 8"] < 1e-12
    optimum, saturated = heads["objective of the optimum, median"], heads["objective of the saturated model, median"]
    assert optimum["heads 1"] > optimum["heads 3"] > saturated["heads 3"]
    assert optimum["heads 8"] == pytest.approx(saturated["heads 8"])
    assert heads["converged, % of windows"].between(90, 100).all()
    ols = pd.read_csv(tables / "diagnostics_transformer_ols.csv").set_index("model")
    assert (ols["relative residual, largest"] < 1e-8).all()
    assert ols.loc["ols 0", "neglected share, largest"] < 1e-12 < ols.loc["ols 6", "neglected share, median"]
    assert ols.loc["ols 6", "relative residual at full rank, median"] > 1e-6
    page = (tmp_path / "out/report.html").read_text()
    for title in ["Parts and variants of models", "Fits of transformer_heads", "Fits of transformer_ols"]:
        assert title in page


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("type = 'transformer_ols'\nattention_features = 5", "same features"),
        ("type = 'transformer_ols'\nvalue_features = 5", "same features"),
        ("type = 'transformer_heads'\nheads = 9", "at most 8 heads"),
        ("type = 'transformer_heads'\nheads = 400\nattention_features = 400\nvalue_features = 400", "at most 5 heads"),
        ("type = 'transformer'\nheads = [9]", "there are 8"),
    ],
)
def test_what_cannot_be_fitted_is_refused_before_any_task(cli, tmp_path, model, message):
    (tmp_path / "e.toml").write_text(ECONOMY[: ECONOMY.index("[[model]]")] + "[[model]]\nname = 'mine'\n" + model)
    done = cli("run", tmp_path / "e.toml", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "`mine`" in done.stderr and message in done.stderr
    assert not list((tmp_path / "out").glob("results/*"))
