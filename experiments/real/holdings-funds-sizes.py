"""Sizes of held-out positions of the Swedish funds: the recommender and a plain ALS in NumPy, on the same positions.

Log holdings of the funds with at least 20 shares, shares in at least 3 funds; 20 % of the positions are hidden. The
plain fit: effects of funds and shares, and products of K numbers, by alternating least squares from one start; a ridge
on vectors alone, for each split the best of a grid, as if it had been known. Ours chooses its ridge by positions that
the fit holds out itself. The program's splits are read from its results; its R2 of effects alone, computed here once
more, shows that positions and measure are the same.
"""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # many small solutions

import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RIDGES = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0]  # of the plain fit, in units of log holdings squared
OURS = "[[model]]\nname = 'ours K={K} effects={effect_ridge}'\ntype = 'recommender'\nridges = [1, 2, 3, 5, 7, 10]\n"
SETTINGS = "sweep.K = [8, 16]\nsweep.effect_ridge = [0.0, 1.0]\n"
Cells = tuple[np.ndarray, np.ndarray, np.ndarray]  # fund, share, log holding


def ours(program: str, splits: int) -> tuple[pd.DataFrame, dict[int, pd.DataFrame]]:
    """(split, model) -> R2, and the splits."""
    text = (HERE / "holdings-funds.toml").read_text().replace("../../../shared", str(ROOT.parent / "shared"))
    text = text[: text.index("[benchmarks]")].replace("min_investors = 20", "min_investors = 3")
    text += f"[benchmarks]\ntasks = ['held_out']\ntwin_overlap = 1.0\nheld_out_splits = {splits}\n{OURS}{SETTINGS}"
    scores, found = [], {}
    with tempfile.TemporaryDirectory() as folder:
        file, out = pathlib.Path(folder) / "experiment.toml", pathlib.Path(folder) / "run"
        file.write_text(text)
        command = [program, "run", file, "--out", out, "--workers", "2", "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for path in (out / "results").glob("held_out*"):
            split = int(re.search(r"split_(\d+)-", path.name)[1])
            if path.name.endswith(".split.parquet"):
                found[split] = pd.read_parquet(path)
            else:
                scores.append(pd.read_parquet(path).assign(split=split))
    table = pd.concat(scores)
    table = table[(table["sample"] == "size") & (table["metric"] == "R2")]
    return table.pivot_table(index="split", columns="model", values="value"), found


def log_holdings() -> pd.Series:
    """(fund, share) -> log of what is held, rows of one position summed."""
    file = pd.read_csv(ROOT.parent / "shared/data/holdings/sweden_funds_2021.csv.gz", dtype={"industry_code": str})
    file = file[file["industry_code"].isin([str(code) for code in range(10, 65, 5)]) & (file["value_sek"] > 0)]
    return np.log(file.groupby(["fund_isin", "isin"])["value_sek"].sum())


def solved(side: np.ndarray, other: np.ndarray, y: np.ndarray, design: np.ndarray, ridge: float) -> np.ndarray:
    """Least squares of each row of a side on the design of the other's, whose last column is 1."""
    out = np.zeros((side.max() + 1, design.shape[1]))
    penalty = np.diag([ridge] * (design.shape[1] - 1) + [1e-9])
    for row, cells in enumerate(np.split(np.argsort(side, kind="stable"), np.cumsum(np.bincount(side))[:-1])):
        Z = design[other[cells]]
        out[row] = np.linalg.solve(Z.T @ Z + penalty, Z.T @ y[cells])
    return out


def fit(cells: Cells, K: int, ridge: float, sweeps: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and, last, effects of funds and of shares."""
    fund, share, h = cells
    shares = np.random.default_rng(0).normal(size=(share.max() + 1, K + 1)) * 0.1
    shares[:, K] = 0
    for _ in range(sweeps if K > 0 else 200):
        with_ones = np.hstack([shares[:, :K], np.ones((len(shares), 1))])
        funds = solved(fund, share, h - shares[share, K], with_ones, ridge)
        with_ones = np.hstack([funds[:, :K], np.ones((len(funds), 1))])
        shares = solved(share, fund, h - funds[fund, K], with_ones, ridge)
    seen = np.isin(np.arange(len(shares)), share)
    shares[~seen, K] = shares[seen, K].mean()  # all positions of the share are hidden
    return funds, shares


def r2(cells: Cells, hidden: Cells, K: int, ridge: float) -> float:
    funds, shares = fit(cells, K, ridge)
    fund, share, h = hidden
    guess = funds[fund, K] + shares[share, K] + np.sum(funds[fund, :K] * shares[share, :K], axis=1)
    return float(1 - np.sum((h - guess) ** 2) / np.sum((h - h.mean()) ** 2))


def split_cells(positions: pd.DataFrame, h: pd.Series) -> tuple[Cells, Cells]:
    fund, share = (np.unique(positions[name], return_inverse=True)[1] for name in ("investor", "asset"))
    value = h.loc[pd.MultiIndex.from_frame(positions[["investor", "asset"]])].to_numpy()
    out = positions["held_out"].to_numpy() == 1
    return (fund[~out], share[~out], value[~out]), (fund[out], share[out], value[out])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--splits", type=int, default=3)
    arguments = parser.parse_args()
    table, splits = ours(arguments.program, arguments.splits)
    h = log_holdings()
    for k, positions in sorted(splits.items()):
        cells, hidden = split_cells(positions, h)
        np.testing.assert_allclose(r2(cells, hidden, 0, 1.0), table.loc[k, "Effects alone"], atol=1e-5)
        for ridge in RIDGES:
            table.loc[k, f"plain ALS K=8 ridge={ridge:g}"] = r2(cells, hidden, 8, ridge)
    plain = [name for name in table.columns if name.startswith("plain")]
    table["plain ALS K=8, best ridge of each split"] = table[plain].max(axis=1)
    print(f"R2 of hidden log holdings, {len(splits)} splits")
    print(pd.DataFrame({"mean": table.mean(), "spread": table.std()}).round(4).to_string())
    for name in [name for name in table.columns if name.startswith("ours")]:
        gain = table[name] - table["plain ALS K=8, best ridge of each split"]
        print(f"{name} less the plain ALS, split by split: {gain.mean():+.4f} ({gain.std():.4f})")


if __name__ == "__main__":
    main()
