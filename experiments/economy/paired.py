"""Models on pairs of economies: population and realised Sharpe ratios, distances to the true SDF, and differences from
some of the models, paired over economies.

Each economy is simulated with the spillover on and with it off; `loadstone run` fits the models of the experiment in
rolling windows, networks from other first values in each economy, and scores every month's weights under the true
moments. No model may exceed the oracle.

    paired.py                                           ridge and linear transformer, spillover.toml of this folder
    paired.py --experiment experiments/spillover.toml --base mlp no_attention --first-economy 20 --economies 5
    paired.py --experiment experiments/economy/ablation.toml --base transformer --economies 3 --spillover on
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
METRICS = {"Sharpe": "population_sharpe", "realised": "sharpe", "distance": "sdf_distance"}


def scores(program: str, experiment: str, replicate: int, settings: list[str]) -> pd.DataFrame:
    """Metrics by model (rows) of one economy."""
    with tempfile.TemporaryDirectory(prefix="economy") as folder:
        command = [program, "run", experiment, "--out", f"{folder}/run", "--workers", "2", "--quiet"]
        for setting in [f"data.panel.replicate={replicate}", f"seed={replicate}", *settings]:
            command += ["--set", setting]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            raise RuntimeError(" ".join(command))
        metrics = pd.read_csv(f"{folder}/run/metrics.csv")
    return metrics[metrics["sample"] == "full"].pivot(index="model", columns="metric", values="value")


def t(values: pd.Series) -> float:
    return statistics.mean(values) / (statistics.stdev(values) / math.sqrt(len(values)))


def over_economies(arguments: argparse.Namespace, spillover: bool) -> None:
    """Prints, for each base, means over economies by model (rows) and differences from it, paired over economies."""
    settings = [f"data.panel.spillover={str(spillover).lower()}", *arguments.set]
    first = arguments.first_economy
    tables = []
    for replicate in range(first, first + arguments.economies):
        try:
            table = scores(arguments.program, arguments.experiment, replicate, settings)
        except RuntimeError as failed:
            print(f"economy {replicate} is left out, as a model failed: {failed}", file=sys.stderr, flush=True)
            continue
        if len(table) < 2:
            raise SystemExit(f"{arguments.experiment} has one model: nothing to compare it with")
        if unknown := set(arguments.base) - set(table.index):
            raise SystemExit(f"--base {' '.join(sorted(unknown))}: no such model. Models: {', '.join(table.index)}")
        assert (table.population_sharpe <= table.oracle_sharpe + 1e-12).all(), table
        tables.append(table)
        print(f"{'spillover' if spillover else 'no spillover'}, economy {replicate}:", file=sys.stderr)
        print(table[list(METRICS.values())].T.round(3).to_string(), file=sys.stderr, flush=True)
    if len(tables) < 2:
        raise SystemExit(f"{len(tables)} economies came to an end: paired differences need two or more")
    oracle = statistics.mean(table.oracle_sharpe.iloc[0] for table in tables)
    print(f"{'Spillover' if spillover else 'No spillover'}, {len(tables)} economies: oracle {oracle:.3f}")
    for base in arguments.base:
        print(f"differences from `{base}`:")
        print(compared(tables, base).round(3).to_string(), flush=True)


def compared(tables: list[pd.DataFrame], base: str) -> pd.DataFrame:
    columns = {}
    for name, metric in METRICS.items():
        values = pd.DataFrame([table[metric] for table in tables])
        less = values.drop(columns=base).sub(values[base], axis=0)
        of = "" if name == "Sharpe" else f" of {name}"
        columns |= {name: values.mean(), f"difference{of}": less.mean(), f"t{of}": less.apply(t)}
    return pd.DataFrame(columns).sort_values("Sharpe")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--experiment", default=str(HERE / "spillover.toml"))
    parser.add_argument("--base", nargs="+", default=["ridge"], help="models that the others are compared with")
    parser.add_argument("--economies", type=int, default=20)
    parser.add_argument("--first-economy", type=int, default=0)
    parser.add_argument("--spillover", choices=["on", "off", "both"], default="both")
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    if arguments.economies < 2:
        parser.error(f"--economies {arguments.economies}: paired differences need two or more")
    if not pathlib.Path(arguments.program).exists():
        parser.error(f"--program {arguments.program}: no such file; `make build` makes it")
    print(f"{arguments.economies} economies; population Sharpe ratios a year")
    for on in (True, False):
        if arguments.spillover in ("both", "on" if on else "off"):
            over_economies(arguments, on)


if __name__ == "__main__":
    main()
