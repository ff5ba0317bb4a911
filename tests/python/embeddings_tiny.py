"""Runs of the study `embeddings` on a small file of holdings."""

import numpy as np
import pandas as pd

TINY = """
study = "embeddings"
[data.holdings]
source = "csv"
path = "holdings.csv"
shares = "shares"
publication_lag = 0
[sample]
min_investors = 3
min_assets = 3
[benchmarks]
splits = 2
held_out_splits = 1
"""
PCA0 = """
[[model]]
name = "PCA0"
type = "pca"
K = 2
"""


def tiny(quarters=3):
    """Fourteen investors and sixteen assets, held with probability 0.7."""
    rng = np.random.default_rng(3)
    rows = [
        (date.strftime("%Y-%m-%d"), f"I{i:02d}", f"A{a:02d}", np.exp(rng.normal()), np.exp(rng.normal()))
        for date in pd.date_range("2000-03-31", periods=quarters, freq="QE")
        for i in range(14)
        for a in range(16)
        if rng.random() < 0.7
    ]
    return pd.DataFrame(rows, columns=["date", "investor", "asset", "value", "shares"])


def run_tiny(cli, folder, text=TINY + PCA0, holdings=None):
    folder.mkdir(exist_ok=True)
    (tiny() if holdings is None else holdings).to_csv(folder / "holdings.csv", index=False)
    (folder / "e.toml").write_text(text)
    return cli("run", folder / "e.toml", "--out", folder / "out")
