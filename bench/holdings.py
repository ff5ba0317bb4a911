"""Embeddings of holdings as large as all Form 13F filings: seconds and memory over quarters, cells, K and workers.

python bench/holdings.py: `loadstone run` on one Parquet file of 80 quarters x 5,000 investors x 4,000 stocks, 3 million
positions in each (about 4 GB on disk), K = 10, one start; then curves on shorter files. Seconds are those of the clock
from start to end of the process, memory the most that it had (VmHWM).
"""

import argparse
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "build/release/loadstone"
INVESTORS, ASSETS, K = 5000, 4000, 10
EXPERIMENT = """study = "embeddings"
seed = 1
[data.holdings]
source = "parquet"
path = "{path}"
shares = "shares"
publication_lag = 45
[sample]
min_investors = 20
min_assets = 20
[benchmarks]
tasks = [{tasks}]
[[model]]
name = "RecSys"
type = "recommender"
K = {K}
starts = 1
tolerance = 1e-4
"""


class Market:
    """Investors who change a tenth of their positions a quarter; log holdings of equation (1)."""

    def __init__(self, cells: int) -> None:
        self.rng = np.random.default_rng(1)
        breadth, size = (self.rng.standard_normal(n, dtype=np.float32) for n in (INVESTORS, ASSETS))
        self.investor = pa.array([f"M{i:05}" for i in range(INVESTORS)])
        self.asset = pa.array([f"S{a:05}" for a in range(ASSETS)])
        taste, trait = (0.5 * self.rng.standard_normal((n, K), dtype=np.float32) for n in (INVESTORS, ASSETS))
        self.mean = 12 + 1.5 * breadth[:, None] + 1.5 * size + taste @ trait.T
        score = 0.8 * breadth[:, None] + 0.8 * size
        self.cells, self.score = cells, score + self.rng.gumbel(size=score.shape).astype(np.float32)

    def quarter(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        moved = self.rng.random(self.score.shape, dtype=np.float32) < 0.1
        self.score[moved] += 0.5 * self.rng.standard_normal(int(moved.sum()), dtype=np.float32)
        row, asset = np.nonzero(self.score >= np.partition(self.score.ravel(), -self.cells)[-self.cells])
        value = np.exp(self.mean[row, asset] + 0.8 * self.rng.standard_normal(len(row), dtype=np.float32))
        return row.astype(np.int32), asset.astype(np.int32), value.astype(np.float64)


def write(quarters: int, cells: int) -> pathlib.Path:
    path = HERE / "out" / f"holdings-{quarters}-{cells}.parquet"
    if path.exists():
        return path
    market, part = Market(cells), path.with_suffix(".part")
    part.parent.mkdir(exist_ok=True)
    writer = None
    for q in range(quarters):
        row, asset, value = market.quarter()
        month = 3 * (q + 1)
        day = datetime.date(2000 + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)
        table = pa.table(
            {
                "date": pa.array(np.full(len(row), np.datetime64(day)), pa.date32()),
                "investor": pa.DictionaryArray.from_arrays(row, market.investor),
                "asset": pa.DictionaryArray.from_arrays(asset, market.asset),
                "value": value,
                "shares": np.round(value / 30),
            }
        )
        writer = writer or pq.ParquetWriter(part, table.schema)
        writer.write_table(table)
    writer.close()
    part.rename(path)
    return path


def run(path: pathlib.Path, workers: int, factors: int = K, tasks: str = "") -> tuple[float, float]:
    """Seconds and GB."""
    folder = HERE / "out" / "holdings-run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "experiment.toml").write_text(EXPERIMENT.format(path=path, K=factors, tasks=tasks))
    command = [
        PROGRAM,
        "run",
        folder / "experiment.toml",
        "--out",
        folder / "run",
        "--workers",
        str(workers),
        "--quiet",
    ]
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, *(int(found) for found in re.findall(r"VmHWM:\s*(\d+)", status)), 0)
        except FileNotFoundError:
            break
        time.sleep(0.02)
    if process.wait() != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return time.perf_counter() - start, 1024 * peak / 1e9


def report(label: str, quarters: int, cells: int, workers: int = 2, **options) -> None:
    seconds, gigabytes = run(write(quarters, cells), workers, **options)
    print(
        f"{label}: {seconds:.1f} s, {gigabytes:.2f} GB, {1e9 * gigabytes / quarters / cells:.0f} bytes and "
        f"{1e9 * seconds / quarters / cells:.0f} ns a cell",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quarters", type=int, default=80)
    parser.add_argument("--cells", type=int, default=3_000_000, help="positions in each quarter")
    parser.add_argument("--no-curves", action="store_true")
    arguments = parser.parse_args()
    quarters, cells = arguments.quarters, arguments.cells
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start; {INVESTORS} x {ASSETS}, K = {K}")
    report(f"{quarters} quarters of {cells} positions", quarters, cells)
    if arguments.no_curves:
        return
    for share in (8, 4, 2):
        report(f"{quarters // share} quarters of {cells} positions", quarters // share, cells)
    few = quarters // 8
    for share in (8, 4, 2):
        report(f"{few} quarters of {cells // share} positions", few, cells // share)
    for factors in (1, 5, 20, 40):
        report(f"{few} quarters of {cells} positions, K = {factors}", few, cells, factors=factors)
    report(f"{few} quarters of {cells} positions, 1 worker", few, cells, workers=1)


if __name__ == "__main__":
    main()
