"""Models on pairs of economies: population and realised Sharpe ratios, distances to the true SDF, and differences from
some of the models, paired over economies.

Each economy is simulated with the spillover on and with it off; `loadstone run` fits the models of the experiment in
rolling windows and scores every month's weights under the true moments. No model may exceed the oracle.

    paired.py                                           ridge and linear transformer, spillover.toml of this folder
    paired.py --experiment experiments/spillover.toml --base mlp no_attention --first-economy 20 --economies 5
    paired.py --experiment experiments/economy/ablation.toml --base transformer --economies 5
"""

import argparse
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def scores(program: str, experiment: str, replicate: int, settings: list[str]) -> pd.DataFrame:
    """Metrics by model (rows) of one economy."""
    with tempfile.TemporaryDirectory(prefix="economy") as folder:
        command = [program, "run", experiment, "--out", f"{folder}/run", "--workers", "2", "--quiet"]
        for setting in [f"data.panel.replicate={replicate}", *settings]:
            command += ["--set", setting]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        metrics = pd.read_csv(f"{folder}/run/metrics.csv")
    return metrics[metrics["sample"] == "full"].pivot(index="model", columns="metric", values="value")


def t(values: pd.Series) -> float:
    return statistics.mean(values) / (statistics.stdev(values) / math.sqrt(len(values)))


def over_economies(arguments: argparse.Namespace, spillover: bool) -> None:
    """Prints, for each base, means over economies by model (rows) and differences from it, paired over economies."""
    settings = [f"data.panel.spillover={str(spillover).lower()}", *arguments.set]
    first = arguments.first_economy
    sharpes, realised, distances, oracle = [], [], [], []
    for replicate in range(first, first + arguments.economies):
        table = scores(arguments.program, arguments.experiment, replicate, settings)
        if unknown := set(arguments.base) - set(table.index):
            raise SystemExit(f"--base {' '.join(sorted(unknown))}: no such model. Models: {', '.join(table.index)}")
        assert (table.population_sharpe <= table.oracle_sharpe + 1e-12).all(), table
        sharpes.append(table.population_sharpe)
        realised.append(table.sharpe)
        distances.append(table.sdf_distance)
        oracle.append(table.oracle_sharpe.iloc[0])
        print(f"{'spillover' if spillover else 'no spillover'}, economy {replicate}:", file=sys.stderr)
        print(
            table[["population_sharpe", "sharpe", "sdf_distance"]].T.round(3).to_string(), file=sys.stderr, flush=True
        )
    sharpe, earned, distance = pd.DataFrame(sharpes), pd.DataFrame(realised), pd.DataFrame(distances)
    print(f"{'Spillover' if spillover else 'No spillover'}: oracle {statistics.mean(oracle):.3f}")
    for base in arguments.base:
        print(f"differences from `{base}`:")
        print(compared(sharpe, earned, distance, base).round(3).to_string(), flush=True)


def compared(sharpe: pd.DataFrame, realised: pd.DataFrame, distance: pd.DataFrame, base: str) -> pd.DataFrame:
    less, earned, nearer = (of.drop(columns=base).sub(of[base], axis=0) for of in (sharpe, realised, distance))
    columns = {
        "Sharpe": sharpe.mean(),
        "difference": less.mean(),
        "t": less.apply(t),
        "realised": realised.mean(),
        "difference of realised": earned.mean(),
        "t of realised": earned.apply(t),
        "distance": distance.mean(),
        "difference of distance": nearer.mean(),
        "t of distance": nearer.apply(t),
    }
    return pd.DataFrame(columns).reindex(sharpe.mean().sort_values().index)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--experiment", default=str(HERE / "spillover.toml"))
    parser.add_argument("--base", nargs="+", default=["ridge"], help="models that the others are compared with")
    parser.add_argument("--economies", type=int, default=20)
    parser.add_argument("--first-economy", type=int, default=0)
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    if arguments.economies < 2:
        parser.error(f"--economies {arguments.economies}: paired differences need two or more")
    print(f"{arguments.economies} economies; population Sharpe ratios a year")
    for on in (True, False):
        over_economies(arguments, on)


if __name__ == "__main__":
    main()
