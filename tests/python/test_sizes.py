"""Models re-estimated within size groups: every figure of their tables once more from returns.csv and the raw panel."""

import json

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats

import oracle

ASSETS, MONTHS, WINDOW = 60, 130, 24
DATES = pd.date_range("1998-01-31", periods=MONTHS, freq="ME")
CHARACTERISTICS = ["c0", "c1", "c2", "c3"]
EMPTY = [5, 40, 41, 90]  # months in which no asset is mega; the last three are out of sample
EXPERIMENT = """
study = "pricing"
seed = 3
[data.panel]
source = "csv"
path = "panel.csv"
date = "date"
asset = "asset"
returns = "ret"
market_equity = "me"
size_group = "group"
timing = "known_at"
[backtest]
window = 24
block = 17
[[model]]
type = "ridge"
name = "Ridge"
sweep.universe = ["all", "mega", "micro", "nano"]
[[model]]
type = "equal_weight"
name = "Equal weight, {universe}"
sign = "window"
sweep.universe = ["all", "mega", "micro"]
[[model]]
type = "transformer"
name = "Transformer ({universe})"
head_curve = "none"
sweep.universe = ["all", "mega"]
[[model]]
type = "random_features"
name = "Features (small)"
features = 20
universe = "small"
"""


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    rows = []
    for t, date in enumerate(DATES):
        X = rng.normal(size=(ASSETS, len(CHARACTERISTICS)))
        frame = pd.DataFrame(X, columns=CHARACTERISTICS)
        frame.insert(0, "asset", [f"A{i:03d}" for i in range(ASSETS)])
        frame.insert(0, "date", date.strftime("%Y-%m-%d"))
        group = np.repeat(["mega", "small", "micro", "large"], [20, 20, 2, 18])  # two assets are micro
        group[:20] = "large" if t in EMPTY else "mega"
        frame["group"] = group
        frame["ret"] = 0.05 * rng.normal(size=ASSETS) + 0.02 * X[:, 0] + 0.01 * X[:, 1] * (np.arange(ASSETS) < 20)
        frame["me"] = np.exp(rng.normal(size=ASSETS))
        rows.append(frame)
    return pd.concat(rows, ignore_index=True)


def managed(frame: pd.DataFrame, universe: str) -> pd.DataFrame:
    """X'R / N of the universe by return month, X ranked in the whole cross-section; no row without assets."""
    rows = {}
    for date, month in frame.groupby("date"):
        X = (scipy.stats.rankdata(month[CHARACTERISTICS], axis=0) - 1) / (len(month) - 1) - 0.5
        held = np.ones(len(month), bool) if universe == "all" else (month.group == universe).to_numpy()
        if held.any():
            end = (pd.Timestamp(date) + pd.offsets.MonthEnd(1)).strftime("%Y-%m-%d")
            rows[end] = X[held].T @ month.ret.to_numpy()[held] / held.sum()
    return pd.DataFrame(rows).T


def nonnegative_tangency(returns: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Weights on models of equal volatility, by scipy's NNLS on a root of their correlations, and the Sharpe ratio."""
    sharpe = (returns.mean() / returns.std()).to_numpy()
    root = np.linalg.cholesky(returns.corr().to_numpy())
    weight = scipy.optimize.nnls(root.T, np.linalg.solve(root, sharpe))[0]
    weight /= weight.sum()
    return weight, oracle.sharpe(((returns / returns.std()) @ weight).to_numpy())


@pytest.fixture(scope="module")
def run(tmp_path_factory, binary):
    import subprocess

    folder = tmp_path_factory.mktemp("sizes")
    panel().to_csv(folder / "panel.csv", index=False)
    (folder / "e.toml").write_text(EXPERIMENT)
    command = [str(binary), "run", str(folder / "e.toml"), "--out", str(folder / "out"), "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def table(run, name: str) -> pd.DataFrame:
    return pd.read_csv(run / "tables" / f"{name}.csv")


NAMES = {
    ("all", "Ridge"): "Ridge universe=all",
    ("mega", "Ridge"): "Ridge universe=mega",
    ("micro", "Ridge"): "Ridge universe=micro",
    ("all", "Equal weight"): "Equal weight, all",
    ("mega", "Equal weight"): "Equal weight, mega",
    ("micro", "Equal weight"): "Equal weight, micro",
    ("all", "Transformer"): "Transformer (all)",
    ("mega", "Transformer"): "Transformer (mega)",
    ("small", "Features"): "Features (small)",
}


@pytest.fixture(scope="module")
def returns(run) -> pd.DataFrame:
    return pd.read_csv(run / "returns.csv").pivot(index="date", columns="model", values="return")


def sample(series, name):
    return series if name == "full" else series[series.index >= "2003-01-01"]


def test_an_empty_group_forms_no_portfolio_and_is_counted(run, returns):
    dates = DATES.strftime("%Y-%m-%d")
    missing = returns.index[returns["Ridge universe=mega"].isna()]
    ends = [(DATES[t] + pd.offsets.MonthEnd(1)).strftime("%Y-%m-%d") for t in EMPTY if t >= WINDOW]
    assert list(missing) == ends and returns.index[0] == dates[WINDOW + 1]
    assert returns["Ridge universe=micro"].notna().all()
    coverage = table(run, "coverage").set_index("model")
    assert coverage.loc["Ridge universe=mega", ["months", "months without portfolio"]].tolist() == [
        MONTHS - WINDOW - 3,
        3,
    ]
    assert coverage.loc["Ridge universe=micro", ["assets (least)", "months without portfolio"]].tolist() == [2, 0]
    assert "Ridge universe=nano" not in coverage.index
    assert "Ridge universe=nano (universe `nano` has assets in too few months" in (run / "report.html").read_text()


def test_a_group_that_cannot_be_held_is_sold(run):
    weights = pd.read_parquet(run / "weights.parquet")
    weights = weights[weights.model == "Equal weight, mega"].assign(date=lambda d: pd.to_datetime(d.date))
    raw = panel().assign(date=lambda d: pd.to_datetime(d.date)).set_index(["date", "asset"]).ret
    held = weights.pivot(index="date", columns="asset", values="value").reindex(DATES[WINDOW:]).fillna(0)
    held = held.div(held.abs().sum(axis=1).replace(0, 1), axis=0)
    drifted = (held * (1 + raw.unstack().reindex(index=held.index, columns=held.columns))).shift()
    turnover = (held - drifted).abs().sum(axis=1)[1:].mean()
    shown = table(run, "trading").set_index("model").loc["Equal weight, mega", "turnover, % a month"]
    assert shown == pytest.approx(100 * turnover, rel=1e-5)


def test_rows_match_across_universes(run):
    performance = table(run, "size_performance_group").query("sample == 'full'")
    assert set(zip(performance.universe, performance.model, strict=True)) == set(NAMES)


@pytest.mark.parametrize("which", ["common", "group"])
def test_sharpe_ratios_and_distances(run, returns, which):
    frame = panel()
    metrics = pd.read_csv(run / "metrics.csv").set_index(["model", "metric", "sample"]).value
    rows = table(run, f"size_performance_{which}")
    assert len(rows) == 2 * len(NAMES)
    for row in rows.to_dict("records"):
        name = NAMES[row["universe"], row["model"]]
        R = sample(returns[name].dropna(), row["sample"])
        assert row["months"] == len(R)
        assert row["Sharpe"] == pytest.approx(oracle.sharpe(R.to_numpy()), rel=1e-9)
        assets = managed(frame, "all" if which == "common" else row["universe"])
        g = assets.reindex(R.index).to_numpy()
        assert np.isfinite(g).all() and row["months lost"] == 0 and row["test assets"] == 4
        for weight, W in {"second moment": g.T @ g / len(g), "covariance": np.cov(g.T, ddof=0)}.items():
            a, b = g.mean(axis=0), (R.to_numpy()[:, None] * g).mean(axis=0)
            best = scipy.optimize.minimize_scalar(lambda s, a=a, b=b, W=W: (a - s * b) @ np.linalg.solve(W, a - s * b))
            native = (a - b) @ np.linalg.solve(W, a - b)
            assert row[f"HJ², {weight}, native"] == pytest.approx(native, rel=1e-4)
            assert row[f"HJ², {weight}, best"] == pytest.approx(best.fun, rel=1e-4)
            metric = f"{'group_' if which == 'group' else ''}hj_squared_{weight.replace(' ', '_')}_native"
            assert metrics[name, metric, row["sample"]] == row[f"HJ², {weight}, native"]


def test_tangency_weights_are_those_of_nonnegative_least_squares(run, returns):
    weights = table(run, "size_tangency").set_index(["sample", "model"])
    sharpe = table(run, "size_tangency_sharpe")
    assert set(sharpe.universe) == {"all", "mega", "micro"}  # one model of small assets: nothing to combine
    for row in sharpe.to_dict("records"):
        families = [f for u, f in NAMES if u == row["universe"]]
        common = sample(returns[[NAMES[row["universe"], f] for f in families]].dropna(), row["sample"])
        expected, tangency = nonnegative_tangency(common)
        shown = weights.loc[[(row["sample"], f) for f in families], f"{row['universe']} weight"]
        np.testing.assert_allclose(shown, 100 * expected, atol=1e-6)
        assert row["tangency"] == pytest.approx(tangency, rel=1e-9)
        alone = {f: oracle.sharpe(common[NAMES[row["universe"], f]].to_numpy()) for f in families}
        assert row["best model"] == max(alone, key=alone.get)
        assert row["best"] == pytest.approx(max(alone.values()), rel=1e-9)
        assert row["tangency low"] <= row["tangency"] <= row["tangency high"]
        assert row["best low"] <= row["best"] <= row["best high"]
        assert (row["models"], row["months"]) == (len(families), len(common))
    assert np.isnan(weights.loc[("full", "Transformer"), "micro weight"])


def test_figures_hold_the_numbers_of_the_tables(run):
    rows = table(run, "size_performance_common").query("sample == 'full'").set_index(["universe", "model"])
    for figure, column in {"size_sharpe": "Sharpe", "size_hj_common": "HJ², second moment, native"}.items():
        bars = json.loads((run / "figures" / f"{figure}.json").read_text())["data"]["values"]
        assert len(bars) == len(NAMES)
        for bar in bars:
            assert bar["value"] == pytest.approx(rows.loc[(bar["group"], bar["name"]), column])
