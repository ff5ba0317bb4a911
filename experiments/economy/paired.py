"""Models on pairs of economies: population Sharpe ratios, and differences of two models paired over economies.

Each economy is simulated with the spillover on and with it off; `loadstone run` fits the models of the experiment in
rolling windows and scores every month's weights under the true moments. No model may exceed the oracle.

    paired.py                                           ridge and linear transformer, spillover.toml of this folder
    paired.py --experiment experiments/spillover.toml --models mlp portfolio_transformer --economies 5
"""

import argparse
import math
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def scores(program: str, experiment: str, replicate: int, settings: list[str]) -> pd.DataFrame:
    """Metrics by model (rows) of one economy."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="economy"))
    command = [program, "run", experiment, "--out", str(folder / "run"), "--workers", "2", "--quiet"]
    for setting in [f"data.panel.replicate={replicate}", *settings]:
        command += ["--set", setting]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    metrics = pd.read_csv(folder / "run/metrics.csv")
    shutil.rmtree(folder)
    return metrics[metrics["sample"] == "full"].pivot(index="model", columns="metric", values="value")


def t(values: pd.Series) -> float:
    return statistics.mean(values) / (statistics.stdev(values) / math.sqrt(len(values)))


def paired(arguments: argparse.Namespace, spillover: bool) -> dict[str, float]:
    """Means over economies; differences of the second model of the pair over the first."""
    settings = [f"data.panel.spillover={str(spillover).lower()}", *arguments.set]
    first = arguments.first_economy
    sharpes, distances, oracle = [], [], []
    for replicate in range(first, first + arguments.economies):
        table = scores(arguments.program, arguments.experiment, replicate, settings)
        assert (table.population_sharpe <= table.oracle_sharpe + 1e-12).all(), table
        sharpes.append(table.population_sharpe)
        distances.append(table.sdf_distance)
        oracle.append(table.oracle_sharpe.iloc[0])
        print(f"{'spillover' if spillover else 'no spillover'}, economy {replicate}:", file=sys.stderr)
        print(table[["population_sharpe", "sdf_distance"]].T.round(3).to_string(), file=sys.stderr, flush=True)
    sharpe, distance = pd.DataFrame(sharpes), pd.DataFrame(distances)
    own, cross = arguments.models
    difference, of_distance = sharpe[cross] - sharpe[own], distance[cross] - distance[own]
    return {
        "oracle": statistics.mean(oracle),
        **sharpe.mean(),
        "difference": statistics.mean(difference),
        "t": t(difference),
        "distance difference": statistics.mean(of_distance),
        "t of distance": t(of_distance),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--experiment", default=str(HERE / "spillover.toml"))
    parser.add_argument("--models", nargs=2, default=["ridge", "transformer"], help="the second less the first")
    parser.add_argument("--economies", type=int, default=20)
    parser.add_argument("--first-economy", type=int, default=0)
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    rows = {("spillover" if on else "no spillover"): paired(arguments, on) for on in (True, False)}
    print(f"{arguments.economies} economies; population Sharpe ratios, a year")
    print(pd.DataFrame(rows).T.round(3).to_string())


if __name__ == "__main__":
    main()
