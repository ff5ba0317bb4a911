"""Fixtures: the program under test, the folder of real data, random numbers."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import embeddings_economy

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # the peers of the benchmarks ask for it; it makes small tests faster, too


@pytest.fixture(scope="session")
def binary() -> pathlib.Path:
    path = pathlib.Path(os.environ.get("LOADSTONE_BUILD", ROOT / "build/release")) / "loadstone"
    if not path.exists():
        pytest.fail(f"{path} is not built: run `make test`, or set LOADSTONE_BUILD to a build folder")
    return path


@pytest.fixture
def cli(binary: pathlib.Path, tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess]:
    """cli("run", file, "--out", folder): runs the program in tmp_path, without standard input; output as text."""

    def run(*arguments: object, timeout: float = 300) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(binary), *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

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


@pytest.fixture(scope="session")
def embeddings_run(binary: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder of a finished run of embeddings_economy.SMALL with its MODELS."""
    folder = tmp_path_factory.mktemp("embeddings")
    (folder / "e.toml").write_text(embeddings_economy.SMALL + embeddings_economy.MODELS)
    done = subprocess.run([binary, "run", folder / "e.toml", "--out", folder / "out"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "out"
