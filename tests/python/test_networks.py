"""Networks of the pricing study in the program: a kill in the middle of a training, memory that does not suffice."""

import json
import resource
import shutil
import struct
import subprocess
import time

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

ECONOMY = """
study = "pricing"
[data.panel]
source = "simulate"
assets = {assets}
months = {months}
characteristics = 20
informative = 4
state_pairs = 5
panel_only = true
[backtest]
window = 12
[evaluation]
bootstrap = 0
[[model]]
type = "portfolio_transformer"
name = "network"
refit = 2
"""


def experiment(folder, assets, settings, months=14):
    file = folder / "experiment.toml"
    file.write_text(ECONOMY.format(assets=assets, months=months) + settings)
    return file


def header(checkpoint):
    """Of a safetensors file, and where its numbers start."""
    with checkpoint.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), 8 + length


def kill_in_training(binary, folder, settings):
    """Runs until a checkpoint is there and kills the process: experiment, output, checkpoint and epochs. A checkpoint
    comes after five seconds; a processor that trains faster than that is given more epochs."""
    for epochs in (400 * 2**k for k in range(8)):
        file, out = experiment(folder, 150, f"{settings}epochs = {epochs}\n"), folder / f"out-{epochs}"
        process = subprocess.Popen([binary, "run", file, "--out", out], stderr=subprocess.DEVNULL)
        while process.poll() is None:
            if found := list(out.glob("results/*.checkpoint")):
                process.kill()
                process.wait()
                return file, out, found[0], epochs
            time.sleep(0.05)
        assert process.returncode == 0
    raise AssertionError("no training lasted until its first checkpoint")


def result(out):
    return {p.name: p.read_bytes() for p in sorted((out / "results").glob("network*.parquet"))}


def test_a_killed_training_goes_on_from_its_checkpoint(cli, binary, tmp_path):
    file, out, checkpoint, epochs = kill_in_training(binary, tmp_path, "seeds = 2\nshuffle = true\n")
    steps = int(header(checkpoint)[0]["__metadata__"]["steps"])
    assert 0 < steps < epochs * 12
    shutil.copytree(out, tmp_path / "changed")
    assert cli("run", file, "--out", out, "--resume").returncode == 0
    assert not checkpoint.exists()
    assert cli("run", file, "--out", tmp_path / "whole").returncode == 0
    assert result(out) == result(tmp_path / "whole")
    # It did go on from there: other parameters in the checkpoint lead elsewhere.
    entries, start = header(tmp_path / "changed" / "results" / checkpoint.name)
    begin, end = entries["parameter lambda"]["data_offsets"]
    with (tmp_path / "changed" / "results" / checkpoint.name).open("r+b") as written:
        written.seek(start + begin)
        written.write(bytes(end - begin))
    assert cli("run", file, "--out", tmp_path / "changed", "--resume").returncode == 0
    assert result(tmp_path / "changed") != result(tmp_path / "whole")


def test_memory_that_does_not_suffice_is_named(binary, tmp_path):
    file = experiment(tmp_path, 1500, "seeds = 100\nwidth = 4096\nepochs = 1\n")
    limit = 1500 << 20  # for libraries, stacks and 100 x 1,500 x 4,096 hidden units in single precision, 2.5 GB
    done = subprocess.run(
        [binary, "run", file, "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.returncode == 1
    assert "memory did not suffice to train 100 seeds" in done.stderr
    assert "Set seeds = 50, or fewer --workers" in done.stderr


def test_saved_networks_hold_on_the_newest_month_what_the_run_held(cli, tmp_path):
    file = experiment(tmp_path, 60, "seeds = 2\nepochs = 2\n")
    assert cli("run", file, "--out", tmp_path / "out").returncode == 0
    metrics = pd.read_csv(tmp_path / "out/metrics.csv")
    scores = metrics[metrics["sample"] == "full"].set_index("metric")["value"]
    assert abs(scores["population_sharpe"]) <= scores["oracle_sharpe"]
    manifest = next((tmp_path / "out/data").rglob("manifest.json"))
    assert cli("apply", tmp_path / "out", manifest.parent, "--out", tmp_path / "applied.csv").returncode == 0
    applied = pd.read_csv(tmp_path / "applied.csv")
    held = pq.read_table(tmp_path / "out/weights.parquet").to_pandas()
    held = held[pd.to_datetime(held.date) == pd.to_datetime(applied.date[0])]
    both = applied.merge(held, on="asset")
    assert len(both) == len(applied) == len(held) > 0
    np.testing.assert_allclose(both.value_x, both.value_y, rtol=1e-6)


def test_networks_of_several_depths_stand_side_by_side(cli, tmp_path):
    settings = "seeds = 2\nepochs = 2\nwidth = 8\nsweep.blocks = [1, 2]\n"
    file = experiment(tmp_path, 60, settings, months=52)  # enough for the distance to 20 managed portfolios
    assert cli("run", file, "--out", tmp_path / "out").returncode == 0
    sizes = pd.read_csv(tmp_path / "out/tables/network_sizes.csv").set_index("model")
    D, width = 20, 8
    block = 2 * D * D + 2 * D * width + width + D  # equation (21)
    assert sizes["parameters"].to_list() == [block + D, 2 * block + D]
    attention = pd.read_csv(tmp_path / "out/tables/attention.csv").set_index("model")
    assert attention.index.to_list() == [sizes.index[0], f"{sizes.index[1]}, block 1", f"{sizes.index[1]}, block 2"]
    assert ((attention["entropy"] > 0) & (attention["entropy"] <= 1)).all()
    np.testing.assert_allclose(attention["equal"], 1 / 60, rtol=0.2)
    metrics = pd.read_csv(tmp_path / "out/metrics.csv").query(
        "metric == 'hj_squared_second_moment_native' and sample == 'full'"
    )
    np.testing.assert_allclose(sizes["HJ²"], metrics.set_index("model").loc[sizes.index, "value"])
    spread = pd.read_csv(tmp_path / "out/tables/seeds.csv")
    variants = pd.read_csv(tmp_path / "out/tables/variants.csv").groupby("model")["Sharpe"]
    np.testing.assert_allclose(spread["lowest"], [min(of.iloc[1:]) for _, of in variants])
    by_size = [f"{of}_by_{size}" for of in ("sharpe", "hj") for size in ("blocks", "parameters")]
    groups = pd.read_csv(tmp_path / "out/tables/attention_by_group.csv").set_index(["model", "of"])
    assert len(groups) == 3 * len(groups.columns)  # blocks, groups that look
    assert (groups > 0).all(axis=None)
    for figure in (*by_size, "attention_groups", "attention_distance", "attention_temperature"):
        assert (tmp_path / f"out/figures/{figure}.json").exists(), figure
