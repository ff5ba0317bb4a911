"""The importer of Form 13F data sets on 3.5 million rows, beside pandas and pyarrow that only read the same table.

python bench/sec13f.py [--rows 3300000] [--rounds 5]: seconds (median and spread over rounds that alternate) and peak
memory of each process. The positions are first compared with those that the files were made from.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import numpy as np
import pandas as pd

import sec13f_files

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "build/release/bench/bench_sec13f"
COLUMNS = [
    "ACCESSION_NUMBER",
    "NAMEOFISSUER",
    "TITLEOFCLASS",
    "CUSIP",
    "VALUE",
    "SSHPRNAMT",
    "SSHPRNAMTTYPE",
    "PUTCALL",
]
# Each reads the eight columns that the importer uses, and says its seconds and bytes. (VmHWM, because ru_maxrss begins
# with what the parent had.)
PEER = """
import json, pathlib, re, sys, time
columns = json.loads(sys.argv[2])
{imports}
start = time.perf_counter()
rows = len({call})
seconds = time.perf_counter() - start
peak = 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text()).group(1))
print(json.dumps(dict(seconds=seconds, rows=rows, peak_bytes=peak)))
"""
PANDAS = PEER.format(
    imports="import pandas as pd",
    call="pd.read_csv(sys.argv[1], sep='\\t', quoting=3, usecols=columns, keep_default_na=False)",
)
PYARROW = PEER.format(
    imports="import pyarrow as pa, pyarrow.csv as csv; pa.set_cpu_count(2); types = {c: pa.string() for c in columns}",
    call="csv.read_csv(sys.argv[1], parse_options=csv.ParseOptions(delimiter='\\t', quote_char=False),"
    " read_options=csv.ReadOptions(block_size=8 << 20), convert_options=csv.ConvertOptions(include_columns=columns,"
    " check_utf8=False, column_types=types | {'VALUE': pa.float64(), 'SSHPRNAMT': pa.float64()}))",
)


CLEAN = "clean.tsv"  # without the damaged rows and bytes at which the peers stop


def run(command: list) -> dict:
    return json.loads(subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout)


def ours(path: pathlib.Path, threads: int, *out: pathlib.Path) -> dict:
    return run([PROGRAM, "load", threads, json.dumps({"path": str(path)}), *out])


def make_files(rows: int) -> tuple[pathlib.Path, pathlib.Path]:
    folder, archive = HERE / f"out/sec13f-{rows}", HERE / f"out/sec13f-{rows}.zip"
    if not archive.exists():
        sec13f_files.write_large(folder, rows)
        files = {name: (folder / name).read_bytes() for name in ("SUBMISSION.tsv", "COVERPAGE.tsv", "INFOTABLE.tsv")}
        lines = files["INFOTABLE.tsv"].replace(b"\xc9", b"E").split(b"\n")
        whole = [line for line in lines if line.count(b"\t") == lines[0].count(b"\t")]
        (folder / CLEAN).write_bytes(b"\n".join(whole))
        sec13f_files.write_archive(archive, files)
    return folder, archive


def check(folder: pathlib.Path) -> dict:
    """What was found is what was planted: every position, and every row left out under its reason."""
    out = folder / "positions.parquet"
    report = ours(folder, 2, out)
    keys = ["date", "investor", "asset"]
    found = pd.read_parquet(out).sort_values(keys, ignore_index=True)
    truth = pd.read_parquet(folder / "truth.parquet")
    for column in truth:
        here, there = (frame[column].to_numpy() for frame in (found, truth))
        if column in ("date", "known_at"):
            here, there = (days.astype("datetime64[D]") for days in (here, there))
        np.testing.assert_array_equal(here, there, err_msg=column)
    assert report["dropped"] == json.loads((folder / "dropped.json").read_text())
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3_300_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    folder, archive = make_files(arguments.rows)
    table, clean, columns = folder / "INFOTABLE.tsv", folder / CLEAN, json.dumps(COLUMNS)
    report = check(folder)
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start; {report['rows']} rows, "
        f"{table.stat().st_size / 1e6:.0f} MB; all {report['kept']} positions and all rows left out are as planted"
    )
    ways = {
        "loadstone, 1 thread": lambda: ours(folder, 1),
        "loadstone, 2 threads": lambda: ours(folder, 2),
        "loadstone, 2 threads, from .zip": lambda: ours(archive, 2),
        "loadstone, 2 threads, reading alone": lambda: run([PROGRAM, "read", 2, folder]),
        "pyarrow.csv, 2 threads, reading alone": lambda: run([sys.executable, "-c", PYARROW, clean, columns]),
        "pandas.read_csv, reading alone": lambda: run([sys.executable, "-c", PANDAS, clean, columns]),
    }
    results: dict[str, list[dict]] = {name: [] for name in ways}
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            results[name].append(way())
    for name, runs in results.items():
        seconds = [one["seconds"] for one in runs]
        rate = table.stat().st_size / 1e6 / statistics.median(seconds)
        print(
            f"{name}: {statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f}) s, {rate:.0f} MB/s, "
            f"{max(one['peak_bytes'] for one in runs) / 1e9:.2f} GB at its peak"
        )


if __name__ == "__main__":
    main()
