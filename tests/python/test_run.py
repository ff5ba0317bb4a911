"""The command line end to end, on a small panel in CSV: results, resume, workers, interruption, and bad input."""

import json
import os
import shlex
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

MONTHS = pd.date_range("2000-01-31", periods=40, freq="ME")


def panel(assets=12, months=MONTHS, characteristics=3, seed=1):
    rng = np.random.default_rng(seed)
    rows = []
    for date in months:
        frame = pd.DataFrame(
            rng.normal(size=(assets, characteristics)), columns=[f"c{k}" for k in range(characteristics)]
        )
        frame.insert(0, "asset", [f"A{i:03d}" for i in range(assets)])
        frame.insert(0, "date", date.strftime("%Y-%m-%d"))
        frame["ret"] = 0.01 * rng.normal(size=assets) + 0.01 * frame["c0"]
        frame["me"] = np.exp(rng.normal(size=assets))
        rows.append(frame)
    return pd.concat(rows, ignore_index=True)


def experiment(folder, frame, models="[[model]]\ntype = 'ridge'\n", window=12, extra=""):
    frame.to_csv(folder / "panel.csv", index=False)
    file = folder / "experiment.toml"
    file.write_text(
        "study = 'pricing'\n[data.panel]\nsource = 'csv'\npath = 'panel.csv'\ndate = 'date'\nasset = 'asset'\n"
        "returns = 'ret'\nmarket_equity = 'me'\ntiming = 'known_at'\n"
        f"{extra}\n[backtest]\nwindow = {window}\nblock = 10\n{models}"
    )
    return file


ALL_MODELS = """
[[model]]
type = 'equal_weight'
[[model]]
type = 'ridge'
[[model]]
type = 'random_features'
features = 32
[[model]]
type = 'transformer'
head_curve = 'all'
[[model]]
name = 'transformer on features'
type = 'transformer'
attention_features = 6
value_features = 5
[[model]]
type = 'transformer_heads'
heads = 2
penalty = 1e-3
[[model]]
type = 'transformer_ols'
[[model]]
type = 'portfolio_transformer'
width = 8
epochs = 2
seeds = 2
refit = 7
[[model]]
type = 'mlp'
layers = 2
width = 8
epochs = 2
seeds = 2
refit = 7
warm_start = true
"""


def read_weights(out):
    return pq.read_table(out / "weights.parquet").to_pandas().assign(date=lambda d: pd.to_datetime(d.date))


def results(out):
    return {p.name: p.read_bytes() for p in sorted((out / "results").iterdir())}


def test_a_run_leaves_everything_that_is_promised(cli, tmp_path):
    file = experiment(tmp_path, panel(), ALL_MODELS)
    done = cli("run", file, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    for name in ["run.json", "metrics.csv", "returns.csv", "weights.parquet", "report.html"]:
        assert (out / name).exists(), name
    record = json.loads((out / "run.json").read_text())
    assert record["failures"] == [] and record["data_hashes"]["panel"]
    returns = pd.read_csv(out / "returns.csv", parse_dates=["date"])
    # 40 months of rows; a portfolio needs 12 realised returns; the newest row's return is known in this file.
    assert set(returns.groupby("model").size()) == {28}
    weights = read_weights(out)
    assert len(weights) == 9 * 28 * 12
    # A model's return is its weights times the returns of the file.
    merged = weights[weights.model == "ridge"].merge(
        panel().assign(date=lambda d: pd.to_datetime(d.date)), left_on=["date", "asset"], right_on=["date", "asset"]
    )
    ours = merged.groupby("date").apply(lambda g: (g.value * g.ret).sum())
    np.testing.assert_allclose(ours.values, returns[returns.model == "ridge"]["return"].values, rtol=1e-4, atol=1e-7)


def test_a_newest_month_that_waits_for_its_returns_is_held_but_not_counted(cli, tmp_path):
    whole = panel()
    waiting = whole.copy()
    waiting.loc[waiting.date == waiting.date.max(), "ret"] = np.nan
    found = {}
    for name, frame in {"whole": whole, "waiting": waiting}.items():
        (tmp_path / name).mkdir()
        file = experiment(tmp_path / name, frame, ALL_MODELS)
        assert cli("run", file, "--out", tmp_path / name / "out").returncode == 0
        found[name] = pd.read_csv(tmp_path / name / "out" / "returns.csv")
    earlier = found["whole"][found["whole"].date < found["whole"].date.max()]
    pd.testing.assert_frame_equal(found["waiting"], earlier.reset_index(drop=True))
    weights = [read_weights(tmp_path / name / "out") for name in found]
    pd.testing.assert_frame_equal(*weights)  # the newest date's too
    metrics = pd.read_csv(tmp_path / "waiting" / "out" / "metrics.csv")
    assert set(metrics[(metrics.metric == "months") & (metrics["sample"] == "full")].value) == {27}


def test_workers_and_resume_change_no_bit(cli, tmp_path):
    file = experiment(tmp_path, panel(), ALL_MODELS)
    assert cli("run", file, "--out", tmp_path / "one").returncode == 0
    assert cli("run", file, "--out", tmp_path / "two", "--workers", 3).returncode == 0
    assert results(tmp_path / "one") == results(tmp_path / "two")
    for path in list((tmp_path / "two" / "results").iterdir())[::2]:
        path.unlink()
    assert cli("run", file, "--out", tmp_path / "two").returncode == 2  # the folder is taken
    assert cli("run", file, "--out", tmp_path / "two", "--resume").returncode == 0
    assert results(tmp_path / "one") == results(tmp_path / "two")


def test_interrupted_runs_go_on_where_they_stopped(cli, binary, tmp_path):
    models = ALL_MODELS.replace("features = 32", "features = 4000")
    file = experiment(tmp_path, panel(assets=400), models)
    process = subprocess.Popen([binary, "run", file, "--out", tmp_path / "out"], stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "out").glob("results/*.parquet")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130 and "--resume" in messages
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert cli("run", file, "--out", tmp_path / "out", "--resume").returncode == 0
    assert cli("run", file, "--out", tmp_path / "whole").returncode == 0
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def test_killed_runs_leave_whole_files(cli, binary, tmp_path):
    file = experiment(tmp_path, panel(assets=300), ALL_MODELS)
    for wait in [0.05, 0.15, 0.3, 0.5]:
        process = subprocess.Popen(
            [binary, "run", file, "--out", tmp_path / "out", "--resume"], stderr=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.kill()
        process.wait()
    assert cli("run", file, "--out", tmp_path / "out", "--resume").returncode == 0
    assert cli("run", file, "--out", tmp_path / "whole").returncode == 0
    whole = results(tmp_path / "whole")
    assert {k: v for k, v in results(tmp_path / "out").items() if k in whole} == whole


def test_set_overrides_and_is_recorded(cli, tmp_path):
    file = experiment(tmp_path, panel())
    assert cli("run", file, "--out", tmp_path / "out", "--set", "backtest.window=20").returncode == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text())["resolved"]["backtest"]["window"] == 20
    assert len(pd.read_csv(tmp_path / "out" / "returns.csv")) == 20


def test_the_recorded_command_is_what_a_shell_takes(cli, tmp_path):
    file = experiment(tmp_path, panel(), '[[model]]\ntype = "ridge"\nname = "my own\'s"\n')
    words = ["run", str(file), "--out", str(tmp_path / "out"), "--set", "model.my own's.universe=all"]
    assert cli(*words).returncode == 0
    command = json.loads((tmp_path / "out" / "run.json").read_text())["command"]
    assert shlex.split(command) == ["loadstone", *words]


def test_without_sizes_there_is_no_table_of_size_groups(cli, tmp_path):
    file = experiment(tmp_path, panel())
    assert cli("run", file, "--out", tmp_path / "sizes").returncode == 0
    file.write_text(file.read_text().replace("market_equity = 'me'\n", ""))
    assert cli("run", file, "--out", tmp_path / "none").returncode == 0
    assert (tmp_path / "sizes" / "tables" / "size_groups.csv").exists()
    assert not (tmp_path / "none" / "tables" / "size_groups.csv").exists()


def test_report_can_be_written_again(cli, tmp_path):
    file = experiment(tmp_path, panel())
    cli("run", file, "--out", tmp_path / "out")
    before = (tmp_path / "out" / "metrics.csv").read_bytes()
    (tmp_path / "out" / "report.html").unlink()
    (tmp_path / "out" / "metrics.csv").unlink()
    assert cli("report", tmp_path / "out").returncode == 0
    assert (tmp_path / "out" / "report.html").exists()
    assert (tmp_path / "out" / "metrics.csv").read_bytes() == before


def test_apply_gives_the_newest_weights(cli, tmp_path):
    file = experiment(tmp_path, panel(), ALL_MODELS)
    cli("run", file, "--out", tmp_path / "out")
    done = cli("apply", tmp_path / "out", tmp_path / "out" / "data" / "panel", "--out", tmp_path / "w.csv")
    assert done.returncode == 0, done.stderr
    applied = pd.read_csv(tmp_path / "w.csv", parse_dates=["date"])
    kept = read_weights(tmp_path / "out")
    newest = kept[kept.date == kept.date.max()]
    both = applied.merge(newest, on=["model", "asset"])
    assert len(both) == len(newest)
    np.testing.assert_allclose(both.value_x, both.value_y, rtol=1e-6, atol=1e-12)


# --- bad input: a clear message, the right exit code, nothing lost ---


def spoil(frame, row, column, value):
    frame = frame.copy()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


BAD_PANELS = {
    "missing column": (lambda f: f.drop(columns="ret"), ["ret"], 3),
    "non-numeric cell": (lambda f: spoil(f, 5, "c1", "abc"), ["abc", "c1", "7"], 3),  # line 7 of the file
    "duplicate date and asset": (lambda f: pd.concat([f, f.iloc[[3]]]), ["A003", "2000-01-31", "duplicate"], 3),
    "empty file": (lambda f: f.iloc[:0], ["no rows"], 3),
    "all-missing characteristic": (lambda f: f.assign(c2=np.nan), ["c2", "missing"], 3),
    "infinite return": (lambda f: spoil(f, 8, "ret", "inf"), ["infinite", "ret"], 3),
    "too many missing returns": (
        lambda f: f.assign(ret=f.ret.where(f.index % 2 == 0)),
        ["missing", "max_missing_returns"],
        3,
    ),
}


@pytest.mark.parametrize("case", BAD_PANELS)
def test_bad_panel(cli, tmp_path, case):
    change, words, code = BAD_PANELS[case]
    done = cli("run", experiment(tmp_path, change(panel())), "--out", tmp_path / "out")
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_unsorted_rows_are_put_in_order_and_give_the_same_results(cli, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    frame = panel()
    assert cli("run", experiment(tmp_path / "a", frame), "--out", tmp_path / "a" / "out").returncode == 0
    shuffled = frame.sample(frac=1, random_state=3)
    assert cli("run", experiment(tmp_path / "b", shuffled), "--out", tmp_path / "b" / "out").returncode == 0
    read = lambda f: pd.read_csv(tmp_path / f / "out" / "returns.csv")  # noqa: E731
    pd.testing.assert_frame_equal(read("a"), read("b"))


BAD_EXPERIMENTS = {
    "mistyped table": ("[backtst]\nwindow = 3\n", ["backtst", "backtest"], 2),
    "mistyped key": ("[evaluation]\nbootstrp = 3\n", ["bootstrp", "bootstrap"], 2),
    "mistyped model": ("[[model]]\ntype = 'rigde'\n", ["rigde", "ridge"], 2),
    "mistyped model key": ("[[model]]\nname = 'r'\ntype = 'ridge'\npenaltis = [1]\n", ["penaltis", "penalties"], 2),
    "mistyped scope": ("[[model]]\nname = 'r'\ntype = 'ridge'\nuniversse = 'mega'\n", ["universse", "`universe`"], 2),
    "costs of some groups": ("[evaluation]\ncost_bps = [1, 2]\n", ["cost_bps", "2 values", "5"], 2),
    "costs of too many": (f"[evaluation]\ncost_bps = {list(range(200))}\n", ["cost_bps", "200 values"], 2),
    "no such date": ("[evaluation]\nsplit = '2003-13-01'\n", ["[evaluation] split", "2003-13-01"], 2),
    "no number": ("[[model]]\nname = 'm'\ntype = 'mlp'\nrate = inf\n", ["`rate`", "> 0"], 2),
    "decay of more than all": (
        "[[model]]\nname = 'm'\ntype = 'mlp'\nrate = 0.5\nweight_decay = 5\n",
        ["`rate` x `weight_decay`", "2.5"],
        2,
    ),
    "percent for a volatility": ("[[model]]\nname = 'm'\ntype = 'mlp'\nvolatility = 15\n", ["volatility", "0 .. 3"], 2),
    "universe without sizes": (
        "[[model]]\nname = 'm'\ntype = 'ridge'\nuniverse = 'mega'\n",
        ["universe", "`market_equity` or `size_group`"],
        2,
    ),
    "wrong type": ("[[model]]\nname = 'r'\ntype = 'ridge'\npenalties = 'x'\n", ["penalties", "list of numbers"], 2),
}


@pytest.mark.parametrize("case", BAD_EXPERIMENTS)
def test_bad_experiment(cli, tmp_path, case):
    text, words, code = BAD_EXPERIMENTS[case]
    file = experiment(tmp_path, panel(), models="[[model]]\ntype = 'ridge'\n" + text)
    if case == "universe without sizes":
        file.write_text(file.read_text().replace("market_equity = 'me'\n", ""))
    done = cli("run", file, "--out", tmp_path / "out")
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_window_longer_than_the_data(cli, tmp_path):
    done = cli("run", experiment(tmp_path, panel(), window=100), "--out", tmp_path / "out")
    assert done.returncode == 2 and "40 dates" in done.stderr and "shorter window" in done.stderr


def test_a_run_directory_with_another_experiment_is_left_alone(cli, tmp_path):
    file = experiment(tmp_path, panel())
    assert cli("run", file, "--out", tmp_path / "out").returncode == 0
    before = results(tmp_path / "out")
    done = cli("run", file, "--out", tmp_path / "out", "--resume", "--set", "backtest.window=20")
    assert done.returncode == 2 and "another experiment" in done.stderr
    assert results(tmp_path / "out") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_is_said_and_loses_nothing(cli, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode != 0:
        pytest.skip("this machine does not let us mount a file system")
    try:
        file = experiment(tmp_path, panel(assets=400), ALL_MODELS)
        done = cli("run", file, "--out", disk / "out")
        assert done.returncode == 1, done.stderr
        assert "space" in done.stderr.lower()
        assert not list(disk.rglob("*.tmp"))
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        assert cli("run", file, "--out", disk / "out", "--resume").returncode == 0
    finally:
        subprocess.run(["umount", disk], check=True)
