"""Returns from a file of prices in runs of the study `embeddings`: the same comovement as from returns themselves."""

import numpy as np
import pandas as pd

from embeddings_tiny import PCA0, TINY, run_tiny

PANEL = "[data.panel]\nsource = 'csv'\npath = 'panel.csv'\ntiming = 'contemporaneous'\nmax_missing_returns = 1.0\n"
PRICES = "[data.prices]\npath = 'prices.csv'\nvalue = 'price'\n"


def market():
    """Month-end prices, and their returns with a characteristic, which a panel needs."""
    rng = np.random.default_rng(3)
    months = pd.date_range("1999-11-30", "2001-01-31", freq="ME").strftime("%Y-%m-%d")
    rows = pd.DataFrame([(date, f"A{a:02d}") for a in range(16) for date in months], columns=["date", "asset"])
    rows["price"] = 10 * np.exp(rng.normal(0, 0.1, (16, len(months))).cumsum(axis=1)).ravel()
    rows["ret"] = rows.groupby("asset")["price"].pct_change()
    rows["x"] = rng.normal(size=len(rows))
    return rows


def run(cli, folder, more, rows):
    folder.mkdir()
    rows[["date", "asset", "price"]].to_csv(folder / "prices.csv", index=False)
    rows[["date", "asset", "ret", "x"]].to_csv(folder / "panel.csv", index=False)
    return run_tiny(cli, folder, TINY.replace("splits = 2\n", "tasks = ['comovement']\nsplits = 2\n", 1) + more + PCA0)


def comovement(cli, folder, more):
    done = run(cli, folder, more, market())
    assert done.returncode == 0, done.stderr
    metrics = pd.read_csv(folder / "out" / "metrics.csv")
    return metrics[metrics["metric"].str.startswith("comovement")].set_index("metric")["value"]


def test_prices_explain_what_their_returns_do(cli, tmp_path):
    of_prices, of_returns = comovement(cli, tmp_path / "a", PRICES), comovement(cli, tmp_path / "b", PANEL)
    assert len(of_prices) > 0
    np.testing.assert_allclose(of_prices, of_returns[of_prices.index], atol=1e-5)


def test_returns_come_from_one_source(cli, tmp_path):
    done = run(cli, tmp_path / "a", PRICES + PANEL, market())
    assert done.returncode == 2
    assert "two of [data.panel], [data.prices]" in done.stderr


def test_what_is_left_out_of_prices_is_counted(cli, tmp_path):
    rows = market()
    rows.loc[[3, 20], "price"] = [0.0, -5.0]
    rows.loc[40, "price"] *= 10
    done = run(cli, tmp_path / "a", PRICES, rows)
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "a" / "out" / "report.html").read_text()
    assert "prices of zero and below: 2" in report
    assert "returns left out: price changed by more than a factor of five: 2" in report
