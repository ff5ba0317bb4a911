"""Fixtures: the program under test, the folder of real data, small input files."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterable

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # the peers of the benchmarks ask for it; it makes small tests faster, too

RunCli = Callable[..., subprocess.CompletedProcess]


@pytest.fixture(scope="session")
def program() -> pathlib.Path:
    path = pathlib.Path(os.environ.get("LOADSTONE_BUILD", ROOT / "build/release")) / "loadstone"
    if not path.exists():
        pytest.fail(f"{path} is not built: run `make test`, or set LOADSTONE_BUILD to a build folder")
    return path


@pytest.fixture
def run_cli(program: pathlib.Path, tmp_path: pathlib.Path) -> RunCli:
    """run_cli("run", file, "--out", folder, code=0): runs the program in tmp_path; its exit code must be `code`."""

    def run(*arguments: object, code: int = 0, timeout: float = 300) -> subprocess.CompletedProcess:
        command = [str(program), *map(str, arguments)]
        result = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
        assert result.returncode == code, (
            f"{' '.join(command)}\nexit code {result.returncode}, expected {code}\n{result.stdout}\n{result.stderr}"
        )
        return result

    return run


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """Real files for tests: LOADSTONE_SHARED or ../shared."""
    path = pathlib.Path(os.environ.get("LOADSTONE_SHARED", ROOT.parent / "shared")) / "data"
    if not path.is_dir():
        pytest.skip(f"no real data at {path}; set LOADSTONE_SHARED to the folder that holds data/")
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240712)


def month_ends(months: int, first: str = "2000-01") -> list[str]:
    starts = np.datetime64(first, "M") + np.arange(1, months + 1)
    return [str(day) for day in starts.astype("datetime64[D]") - 1]


def panel_rows(X: np.ndarray, R: np.ndarray, first: str = "2000-01") -> Iterable[list[str]]:
    """Rows date, asset, return, characteristics of X (T, N, D) and R (T, N); NaN becomes an empty cell."""
    for t, date in enumerate(month_ends(len(X), first)):
        for i in range(X.shape[1]):
            cells = [R[t, i], *X[t, i]]
            yield [date, f"A{i:03d}", *("" if np.isnan(cell) else f"{cell:.17g}" for cell in cells)]


@pytest.fixture
def write_panel(tmp_path: pathlib.Path) -> Callable[..., pathlib.Path]:
    """write_panel(X, R, name="panel.csv"): a CSV panel with columns date, asset, return, c1 … cD in tmp_path."""

    def write(X: np.ndarray, R: np.ndarray, name: str = "panel.csv", first: str = "2000-01") -> pathlib.Path:
        path = tmp_path / name
        header = ["date", "asset", "return", *(f"c{d + 1}" for d in range(X.shape[2]))]
        path.write_text("\n".join(",".join(row) for row in [header, *panel_rows(X, R, first)]) + "\n")
        return path

    return write
