"""Ridge and linear transformer on pairs of economies: population Sharpe ratios, differences paired over economies.

Each economy is simulated with the spillover on and with it off; `loadstone run` fits both models in rolling windows and
scores every month's weights under the true moments. No model may exceed the oracle.
"""

import argparse
import math
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def scores(program: str, replicate: int, settings: list[str]) -> pd.DataFrame:
    """Metrics by model (rows) of one economy."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="economy"))
    command = [program, "run", str(HERE / "spillover.toml"), "--out", str(folder / "run"), "--workers", "2", "--quiet"]
    for setting in [f"data.panel.replicate={replicate}", *settings]:
        command += ["--set", setting]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    metrics = pd.read_csv(folder / "run/metrics.csv")
    shutil.rmtree(folder)
    return metrics[metrics["sample"] == "full"].pivot(index="model", columns="metric", values="value")


def paired(program: str, economies: int, spillover: bool, settings: list[str]) -> dict[str, float]:
    differences, distances, ridge, transformer, oracle = [], [], [], [], []
    for replicate in range(economies):
        table = scores(program, replicate, [f"data.panel.spillover={str(spillover).lower()}", *settings])
        assert (table.population_sharpe <= table.oracle_sharpe + 1e-12).all(), table
        sharpe, distance = table.population_sharpe, table.sdf_distance
        differences.append(sharpe["transformer"] - sharpe["ridge"])
        distances.append(distance["transformer"] - distance["ridge"])
        ridge.append(sharpe["ridge"])
        transformer.append(sharpe["transformer"])
        oracle.append(table.oracle_sharpe.iloc[0])

    def t(values: list[float]) -> float:
        return statistics.mean(values) / (statistics.stdev(values) / math.sqrt(len(values)))

    return {
        "oracle": statistics.mean(oracle),
        "ridge": statistics.mean(ridge),
        "transformer": statistics.mean(transformer),
        "difference": statistics.mean(differences),
        "t": t(differences),
        "distance difference": statistics.mean(distances),
        "t of distance": t(distances),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--economies", type=int, default=20)
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    rows = {
        ("spillover" if on else "no spillover"): paired(arguments.program, arguments.economies, on, arguments.set)
        for on in (True, False)
    }
    print(f"{arguments.economies} economies; population Sharpe ratios, a year")
    print(pd.DataFrame(rows).T.round(3).to_string())


if __name__ == "__main__":
    main()
