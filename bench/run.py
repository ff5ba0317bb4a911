"""`make bench`: the time of loadstone and of its peers in one run, rounds alternating, as ratios with their spread.

The peers (bench/peers) are the same formulas in NumPy, in two single-threaded processes. Ours is `loadstone run` on
bench/CASE.toml with two workers, over a simulated panel of the same size; --ours CASE=COMMAND and --store-command take
others ({store} and {out} stand for the panel and an empty folder). Seconds are those
of the clock: for the peers from the moment their processes are ready, for ours from start to end of the process.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # BLAS reads them when NumPy is imported

import argparse
import dataclasses
import functools
import json
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from peers import linear_models, panel, random_features

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PROGRAM = "build/release/loadstone"
STORE_COMMAND = (
    PROGRAM + " simulate --out {store} --set assets={stocks} --set months={months}"
    " --set characteristics={characteristics} --set panel_only=true"
)
RUN_COMMAND = PROGRAM + " run bench/{case}.toml --set data.panel.path={{store}}/store --out {{out}} --workers 2 --quiet"
PENALTIES = 10.0 ** np.arange(-10, 4)  # z of seed 002
WORKERS = 2


@dataclasses.dataclass(frozen=True)
class Size:
    months: int = 719
    stocks: int = 3000
    characteristics: int = 132
    window: int = 60
    features: int = 25_000

    def __str__(self) -> str:
        return f"{self.months} x {self.stocks} x {self.characteristics}"


def linear(data: panel.Panel, size: Size, every_penalty: bool) -> float:
    F, Xi, seconds = linear_models.moments(data, WORKERS)
    return seconds + linear_models.all_windows(F, Xi, size.window, PENALTIES, every_penalty, WORKERS)[1]


@functools.cache
def feature_setup(size: Size) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Omega, beta, and the tiling that is fastest here: found once, outside the time that is taken."""
    rng = np.random.default_rng(1)
    Omega = rng.standard_normal((size.characteristics, size.features), dtype=np.float32)
    beta = rng.standard_normal(size.features, dtype=np.float32)
    return Omega, beta, *random_features.fastest_tiling(peer_panel(size), Omega, beta, WORKERS)


def features(data: panel.Panel, size: Size) -> float:
    return random_features.all_months(data, *feature_setup(size), WORKERS)[2]


CASES: dict[str, tuple[str, Callable[[panel.Panel, Size], float]]] = {
    "linear-chosen": ("BSV and linear transformer, all heads at the chosen z", lambda d, s: linear(d, s, False)),
    "linear-all": ("BSV and linear transformer, all heads at every z", lambda d, s: linear(d, s, True)),
    "features": ("random features: products, ReLU, S'R and S beta", features),
}


def peer_panel(size: Size) -> panel.Panel:
    folder = HERE / "out" / f"panel-{size.months}-{size.stocks}-{size.characteristics}"
    panel.generate(folder, size.months, size.stocks, size.characteristics)
    return panel.load(folder)


def our_store(command: str, size: Size) -> pathlib.Path:
    store = HERE / "out" / f"store-{size.months}-{size.stocks}-{size.characteristics}"
    if not store.exists():
        subprocess.run(shlex.split(command.format(store=store, **dataclasses.asdict(size))), cwd=ROOT, check=True)
    return store


def time_ours(command: str, store: pathlib.Path) -> float:
    out = HERE / "out" / "run"
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run(shlex.split(command.format(store=store, out=out)), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def measure(case: str, size: Size, arguments: argparse.Namespace) -> dict:
    data, command = peer_panel(size), arguments.ours.get(case)
    store = our_store(arguments.store_command, size) if command else None
    peer, ours = [], []
    for _ in range(arguments.rounds):
        peer.append(CASES[case][1](data, size))
        if store is not None:
            ours.append(time_ours(command, store))
    text = f"{CASES[case][0]}, {size}: NumPy {spread(peer)} s"
    if ours:
        ratios = [theirs / mine for theirs, mine in zip(peer, ours, strict=True)]
        text += f", loadstone {spread(ours)} s, ratio {spread(ratios)}"
    print(text, flush=True)
    return {"case": case, **dataclasses.asdict(size), "peer_seconds": peer, "our_seconds": ours}


def machine_rate(seconds: float = 6) -> dict[str, float]:
    """GFLOP/s of single-precision products, all workers at once; by the interpreter that has torch."""
    python = os.environ.get("LOADSTONE_PYTHON", str(ROOT / ".venv/bin/python"))
    command = [python, str(HERE / "peers/sgemm_rate.py"), str(seconds)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
    rates = [json.loads(process.communicate()[0]) for process in running]
    return {name: sum(rate[name] for rate in rates) for name in rates[0]}


def features_flops(size: Size) -> float:
    return 2e-9 * size.months * size.stocks * size.characteristics * size.features


def print_rates(results: list[dict]) -> dict[str, float]:
    """What share of the machine's product rate the random features reach, in products alone."""
    rates = machine_rate()
    print("machine, two single-threaded processes: " + ", ".join(f"{k} {v:.0f} GFLOP/s" for k, v in rates.items()))
    for result in results:
        size = Size(*(result[field.name] for field in dataclasses.fields(Size)))
        for who in ("peer", "our"):
            if result["case"] == "features" and result[f"{who}_seconds"]:
                rate = features_flops(size) / statistics.median(result[f"{who}_seconds"])
                print(f"features, {who}: {rate:.0f} GFLOP/s, {rate / max(rates.values()):.0%} of the machine's rate")
    return rates


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--ours", action="append", default=[], metavar="CASE=COMMAND")
    parser.add_argument("--store-command", default=STORE_COMMAND)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--feature-months", type=int, default=24, help="months of the random-features case")
    parser.add_argument("--curve", action="store_true", help="also cost over months and stocks")
    for field in dataclasses.fields(Size):
        parser.add_argument(f"--{field.name}", type=int, default=field.default)
    arguments = parser.parse_args()
    ours = {case: RUN_COMMAND.format(case=case) for case in CASES}
    ours["features"] += " --set backtest.window=12"  # so that most of its few months have weights, too
    arguments.ours = ours | dict(item.split("=", 1) for item in arguments.ours)
    if unknown := set(arguments.ours) - set(CASES):
        parser.error(f"--ours names {', '.join(sorted(unknown))}; cases are {', '.join(CASES)}")
    return arguments


def curve(case: str, size: Size, arguments: argparse.Namespace) -> list[dict]:
    """A third, two thirds and all of the months, then of the stocks."""
    parts = [{"months": size.months * k // 3} for k in (1, 2)] + [{"stocks": size.stocks * k // 3} for k in (1, 2)]
    return [measure(case, dataclasses.replace(size, **part), arguments) for part in parts]


def main() -> int:
    arguments = parse()
    size = Size(*(getattr(arguments, field.name) for field in dataclasses.fields(Size)))
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, {arguments.rounds} rounds, median")
    results = []
    for case in arguments.cases:
        here = dataclasses.replace(size, months=arguments.feature_months) if case == "features" else size
        results.append(measure(case, here, arguments))
        if arguments.curve:
            results += curve(case, here, arguments)
    rates = print_rates(results)
    (HERE / "out" / "results.json").write_text(json.dumps({"results": results, "gflops": rates}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
