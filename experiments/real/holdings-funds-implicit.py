"""Held-out positions of the Swedish funds: this program and the package `implicit`, judged on the same positions.

Both are tuned on splits of one seed, each for each measure, and reported on splits of another: alternating least
squares for implicit feedback over the same grid of settings (the package counts alpha as the whole weight of what is
held, 1 + our alpha), beside the models of holdings-funds.toml as they stand there and what needs no model. The
program's splits are read from its results; its own score of popularity, computed here once more, shows that positions
and measures are the same.
"""

import argparse
import itertools
import os
import pathlib
import re
import subprocess
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # `implicit` asks for it: it has threads of its own

import numpy as np
import pandas as pd
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from scipy.stats import rankdata

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MEASURES = ["AUC", "recall at 20"]
GRID = {"K": [8, 16, 32, 64], "alpha": [1.0, 4.0, 10.0, 40.0], "ridge": [1.0, 10.0, 30.0, 100.0]}
ITERATIONS = [15, 50]  # of the package: 15 is its default
Split = tuple[scipy.sparse.csr_matrix, np.ndarray]  # what is held in training; (funds, assets) what is to be found


def sweep() -> str:
    values = "".join(f"sweep.{name} = {list(numbers)}\n" for name, numbers in GRID.items())
    return f"[[model]]\nname = 'ours K={{K}} alpha={{alpha}} ridge={{ridge}}'\ntype = 'implicit'\n{values}"


def chosen(name: str) -> str:
    """The [[model]] that sweep() calls so."""
    return f"[[model]]\nname = '{name}'\ntype = 'implicit'\n" + "".join(part + "\n" for part in name.split()[1:])


def ours(program: str, models: str, seed: int, splits: int) -> tuple[pd.DataFrame, dict[int, Split]]:
    """(split, model) -> measures, and the splits."""
    text = (HERE / "holdings-funds.toml").read_text().replace("../../../shared", str(ROOT.parent / "shared"))
    data = text[: text.index("[benchmarks]")].replace("seed = 7", f"seed = {seed}")
    data += f"[benchmarks]\ntasks = ['held_out']\nheld_out_splits = {splits}\n"
    scores, found = [], {}
    with tempfile.TemporaryDirectory() as folder:
        file, out = pathlib.Path(folder) / "experiment.toml", pathlib.Path(folder) / "run"
        file.write_text(data + models)
        command = [program, "run", file, "--out", out, "--workers", "2", "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for path in (out / "results").glob("held_out*"):
            split = int(re.search(r"split_(\d+)-", path.name)[1])
            if path.name.endswith(".split.parquet"):
                found[split] = matrices(pd.read_parquet(path))
            else:
                scores.append(pd.read_parquet(path).assign(split=split))
    table = pd.concat(scores)
    table = table[table["sample"] == "which"]
    return table.pivot_table(index=["split", "model"], columns="metric", values="value")[MEASURES], found


def matrices(positions: pd.DataFrame) -> Split:
    funds, assets = (np.unique(positions[name], return_inverse=True)[1] for name in ("investor", "asset"))
    hidden = np.zeros((funds.max() + 1, assets.max() + 1), bool)
    out = positions.held_out.to_numpy() == 1
    hidden[funds[out], assets[out]] = True
    ones = np.ones(np.sum(~out), np.float32)
    return scipy.sparse.csr_matrix((ones, (funds[~out], assets[~out])), shape=hidden.shape), hidden


def measures(score: np.ndarray, split: Split, first: int = 20) -> tuple[float, float]:
    """Means over funds: the chance that a hidden position scores higher than another candidate, ties half, and the
    share of the hidden ones among the first, in proportion where they tie with the last place."""
    areas, recalls = [], []
    for values, held, hidden in zip(score, split[0].toarray() > 0, split[1], strict=True):
        s, h = values[~held], hidden[~held]
        n = h.sum()
        if n in (0, len(h)):
            continue
        areas.append((rankdata(s)[h].sum() - n * (n + 1) / 2) / (n * (len(h) - n)))
        last = -np.sort(-s)[min(first, len(s)) - 1]
        above, level = s > last, s == last
        room = min(first, len(s)) - above.sum()
        recalls.append((h[above].sum() + h[level].sum() * room / level.sum()) / min(n, first, len(s)))
    return float(np.mean(areas)), float(np.mean(recalls))


def popularity(split: Split) -> np.ndarray:
    return np.tile(np.asarray(split[0].sum(axis=0)), (split[0].shape[0], 1))


def theirs(split: Split, seed: int, K: int, alpha: float, ridge: float, iterations: int) -> tuple[float, float]:
    model = AlternatingLeastSquares(
        K, regularization=ridge, alpha=1 + alpha, iterations=iterations, num_threads=2, random_state=seed
    )
    model.fit(split[0], show_progress=False)
    return measures(model.user_factors @ model.item_factors.T, split)


def tuned(program: str, splits: int) -> tuple[dict[str, str], dict[str, tuple]]:
    """By measure: the name of our best model, and the best settings of the package."""
    mine, made = ours(program, sweep(), 1, splits)
    mean = mine[mine.index.get_level_values("model").str.startswith("ours")].groupby("model").mean()
    grid = list(itertools.product(*GRID.values(), ITERATIONS))
    peer = pd.DataFrame(
        [np.mean([theirs(split, k, *settings) for k, split in made.items()], axis=0) for settings in grid],
        columns=MEASURES,
    )
    print(f"settings by the mean over {splits} other splits:")
    for name in MEASURES:
        print(f"  {name}: {mean[name].idxmax()} ({mean[name].max():.4f}); implicit", end=" ")
        print(dict(zip([*GRID, "iterations"], grid[peer[name].idxmax()], strict=True)), f"({peer[name].max():.4f})")
    return {name: mean[name].idxmax() for name in MEASURES}, {name: grid[peer[name].idxmax()] for name in MEASURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--splits", type=int, default=10, help="that are reported")
    parser.add_argument("--tuning-splits", type=int, default=3)
    arguments = parser.parse_args()
    mine, peer = tuned(arguments.program, arguments.tuning_splits)
    text = (HERE / "holdings-funds.toml").read_text()
    models = text[text.index("[[model]]") :] + "".join(chosen(name) for name in sorted(set(mine.values())))
    scores, made = ours(arguments.program, models, 7, arguments.splits)
    table = scores.unstack("split")
    for k, split in made.items():
        again = measures(popularity(split), split)
        np.testing.assert_allclose(again, table.loc["Popularity"].xs(k, level="split")[MEASURES], atol=1e-12)
        for of, settings in peer.items():
            for name, value in zip(MEASURES, theirs(split, k, *settings), strict=True):
                table.loc[f"implicit, tuned for {of}", (name, k)] = value
    for name in MEASURES:
        values = table[name].assign(mean=table[name].mean(axis=1), spread=table[name].std(axis=1))
        print(f"\n{name}: mean and standard deviation over {arguments.splits} splits")
        print(values[["mean", "spread"]].sort_values("mean", ascending=False).round(4).to_string())
        gain = table[name].loc[mine[name]] - table[name].loc[f"implicit, tuned for {name}"]
        print(f"ours less implicit, split by split: {gain.mean():+.4f} ({gain.std():.4f})")


if __name__ == "__main__":
    main()
