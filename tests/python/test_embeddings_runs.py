"""Runs of the study `embeddings`: the same bits however they are made, and what bad input leads to."""

import pathlib
import re
import shutil
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest

from embeddings_economy import MODELS, SMALL, economy, read, scores
from embeddings_tiny import PCA0, TINY, run_tiny, tiny

# --- the same bits


def bits(out):
    """Every file of results and embeddings, and metrics.csv."""
    files = [out / "metrics.csv", *(out / "results").iterdir(), *(out / "embeddings").iterdir()]
    return {path.relative_to(out): path.read_bytes() for path in files}


def test_workers_and_resume_change_no_bit(embeddings_run, cli, tmp_path):
    file = tmp_path / "e.toml"
    file.write_text(SMALL + MODELS)
    out = tmp_path / "out"
    assert cli("run", file, "--out", out, "--workers", 2).returncode == 0
    assert bits(out) == bits(embeddings_run)
    for path in sorted((out / "results").iterdir())[::2]:
        path.unlink()
    (economy(out) / "truth" / "truth.json").unlink()  # as if the simulation had been cut short, too
    assert cli("run", file, "--out", out).returncode == 2  # the folder is taken
    assert cli("run", file, "--out", out, "--resume").returncode == 0
    assert bits(out) == bits(embeddings_run)


def test_interrupted_runs_go_on_where_they_stopped(cli, binary, tmp_path):
    file = tmp_path / "e.toml"
    file.write_text(SMALL + MODELS.replace('type = "recommender"', 'type = "recommender"\nstarts = 200'))
    out = tmp_path / "out"
    process = subprocess.Popen([binary, "run", file, "--out", out], stderr=subprocess.PIPE, text=True)
    while not list(out.glob("results/*.parquet")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130 and "--resume" in messages
    assert cli("run", file, "--out", out, "--resume").returncode == 0
    assert cli("run", file, "--out", tmp_path / "whole").returncode == 0
    assert bits(out) == bits(tmp_path / "whole")


WARM = """
[[model]]
name = "warm"
type = "recommender"
K = 3
starts = 1
warm_start = true
ridges = [0.3, 1, 3, 10]
[[model]]
name = "words"
type = "word2vec"
K = 3
warm_start = true
"""


def test_warm_starts_have_the_same_bits_with_workers_and_resumed(cli, tmp_path):
    file = tmp_path / "e.toml"
    file.write_text(SMALL.replace("[benchmarks]", "[benchmarks]\ntasks = ['stability']") + WARM)
    one, two = tmp_path / "one", tmp_path / "two"
    assert cli("run", file, "--out", one, "--workers", 1).returncode == 0
    assert cli("run", file, "--out", two, "--workers", 2).returncode == 0
    assert bits(one) == bits(two)
    for quarter in ("1980-09-30", "1980-12-31"):  # the middle of the chain, then its end
        (path,) = two.glob(f"results/fit_warm_{quarter}-*.parquet")
        path.unlink()
        assert cli("run", file, "--out", two, "--resume").returncode == 0
        assert bits(one) == bits(two)
    (path,) = one.glob("results/fit_warm_1980-09-30-*.parquet")
    cold = tmp_path / "cold"
    file.write_text(file.read_text().replace("warm_start = true", ""))
    assert cli("run", file, "--out", cold).returncode == 0
    (at_random,) = cold.glob("results/fit_warm_1980-09-30-*.parquet")
    assert not np.array_equal(np.stack(read(path).vector), np.stack(read(at_random).vector))
    ridge = pd.read_csv(one / "tables" / "models.csv").set_index("model").ridge["warm"]
    assert {float(number) for number in str(ridge).split(" to ")} <= {0.3, 1, 3, 10}


# --- data without a panel, and bad input


def test_tasks_that_the_data_do_not_allow_are_listed_with_the_reason(cli, tmp_path):
    done = run_tiny(cli, tmp_path, holdings=tiny(quarters=1))
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "out" / "tables" / "not_possible.csv").set_index("task").because
    assert "[data.book_equity]" in table["valuation"]
    assert "[data.panel]" in table["comovement"]
    assert "[data.labels]" in table["neighbours"]
    assert "simulated economy" in table["truth"]
    assert "next" in table["next_quarter"]
    metrics = pd.read_csv(tmp_path / "out" / "metrics.csv")
    assert {"held_out: R2", "held_out: AUC", "held_out: recall at 20"} <= set(metrics.metric)
    assert {metric.split(":")[0] for metric in metrics.metric} <= {"held_out", "crowding"}
    assert metrics["value"].notna().all()


def model(fields):
    return f"[[model]]\nname = 'second'\n{fields}\n"


BAD_EXPERIMENTS = {
    "unknown task": ("[benchmarks]", "[benchmarks]\ntasks = ['valution']", ["valution", "Nearest: `valuation`"], 2),
    "unknown table": ("[sample]", "[sampel]", ["sampel", "Nearest: `sample`"], 2),
    "unknown table of data": ("[sample]", "[data.pannel]\n[sample]", ["pannel", "Nearest: `panel`"], 2),
    "unknown type": ("", model("type = 'recomender'"), ["recomender", "Nearest: `recommender`"], 2),
    "unknown field": ("", model("type = 'pca'\nk = 3"), ["`k`", "second", "`K`"], 2),
    "field of another type": ("", model("type = 'beta'\nranks = true"), ["ranks", "second"], 2),
    "the same name twice": ("", PCA0, ["PCA0", "two models"], 2),
    "no model": (PCA0, "", ["[[model]]"], 2),
    "no holdings": ("[data.holdings]", "[data.other]", ["other", "holdings"], 2),
    "panel and implied returns": (
        "[sample]",
        "[data.panel]\n[data]\nimplied_returns = true\n[sample]",
        ["panel", "implied_returns"],
        2,
    ),
    "dates outside the data": ("[sample]", "[sample]\nfirst = '2010-01-01'", ["2010-01-01", "2000-03-31"], 2),
    "no date": ("[sample]", "[sample]\nlast = 'soon'", ["soon", "YYYY-MM-DD"], 2),
    "kappa without daily returns": ("", model("type = 'recommender'\nkappa = 0.5"), ["`kappa`", "[data.daily]"], 3),
    "observed without panel": ("", model("type = 'observed'"), ["second", "[data.panel]"], 3),
    "beta without daily returns": ("", model("type = 'beta'"), ["second", "[data.daily]"], 3),
    "unknown weight": ("", model("type = 'recommender'\ninvestor_weight = 'seize'"), ["second", "Nearest: `size`"], 2),
    "rebalancing from nothing": ("", model("type = 'pca'\nmeasure = 'rebalancing'"), ["2000-03-31", "`first`"], 3),
    "too many components": ("", model("type = 'pca'\nK = 15"), ["`K` = 15", "14 rows"], 2),
    "K above rows": ("", model("type = 'recommender'\nK = 15"), ["`K` = 15", "14 rows"], 2),
    "one candidate": ("", model("type = 'recommender'\nK = 2\nridges = [1]"), ["second", "`ridges` = [1]"], 2),
    "candidates that fall": ("", model("type = 'brandt'\nK = 2\nridges = [3, 1]"), ["`ridges` = [3, 1]"], 2),
    "warm components": ("", model("type = 'pca'\nwarm_start = true"), ["second", "`warm_start`", "every start"], 2),
    "warm random numbers": ("", model("type = 'placebo'\nwarm_start = true"), ["second", "warm_start"], 2),
    "K above what words have": ("", model("type = 'word2vec'\nK = 15"), ["second", "`K` = 15", "at most 14"], 2),
    "K above what neighbours have": ("", model("type = 'glove'\nK = 15"), ["second", "`K` = 15", "at most 14"], 2),
    "K above what is held": ("", model("type = 'implicit'\nK = 15"), ["second", "`K` = 15", "at most 14"], 2),
    "K above the parts": (
        "",
        model("type = 'combined'\nof = ['PCA0', 'third']\nK = 6")
        + "[[model]]\nname = 'third'\ntype = 'glove'\nK = 3\n",
        ["second", "`K` = 6", "5 numbers", "at most 5"],
        2,
    ),
    "a part that cannot be": (
        "",
        model("type = 'combined'\nof = ['PCA0', 'third']") + "[[model]]\nname = 'third'\ntype = 'glove'\nK = 15\n",
        ["`K` = 15"],
        2,
    ),
    "a part twice": ("", model("type = 'combined'\nof = ['PCA0', 'PCA0']"), ["second", "`PCA0` twice"], 2),
    "one part": ("", model("type = 'combined'\nof = ['PCA0']"), ["second", "at least two of PCA0"], 2),
    "semiparametric without panel": ("", model("type = 'semiparametric'"), ["second", "[data.panel]"], 3),
    "brandt without daily returns": ("", model("type = 'brandt'"), ["second", "[data.daily]"], 3),
    "K above rows of brandt": ("", model("type = 'brandt'\nK = 15"), ["second", "`K` = 15", "14 rows"], 2),
    "K above the limit": ("", model("type = 'placebo'\nK = 65"), ["second", "`K`", "1 .. 64"], 2),
    "weights of word2vec": (
        "",
        model("type = 'word2vec'\ninvestor_weight = 'rubbish'"),
        ["second", "rubbish", "weigh all investors", "recommender"],
        2,
    ),
    "weights of glove": (
        "",
        model("type = 'glove'\nquarters = 2\nquarter_weight = 0.1"),
        ["second", "0.1", "recommender"],
        2,
    ),
    "weights of implicit": (
        "",
        model("type = 'implicit'\nquarters = 2\nquarter_weight = 0.1"),
        ["second", "0.1", "recommender"],
        2,
    ),
    "weights of pca": ("", model("type = 'pca'\ninvestor_weight = 'size'"), ["second", "size", "recommender"], 2),
    "ranks of what is held": ("", model("type = 'implicit'\nranks = true"), ["second", "`ranks` = true", "value"], 2),
    "measure of what is held": (
        "",
        model("type = 'implicit'\nmeasure = 'active_weights'"),
        ["second", "active_weights", '`feedback` = "value"'],
        2,
    ),
    "values of no sign": ("", model("type = 'implicit'\nfeedback = 'value'"), ["second", "above zero", "ranks"], 3),
    "unknown label": ("[benchmarks]", "[benchmarks]\nneighbour_labels = ['foo']", ["neighbour_labels", "no label"], 3),
    "observed without a panel": ("[benchmarks]", "[benchmarks]\nobserved = ['foo']", ["`observed`", "[data.panel]"], 3),
    "all and more tasks": (
        "[benchmarks]",
        "[benchmarks]\ntasks = ['all', 'truth']",
        ["`tasks`", "`all` beside", '["all"] alone'],
        2,
    ),
    "a sweep of nothing": ("", model("type = 'pca'\nsweep.K = []"), ["second", "sweep.K", "no values"], 2),
    "a sweep that is no table": ("", model("type = 'pca'\nsweep = 3"), ["second", "`sweep`", "table"], 2),
    "no name": ("", "[[model]]\nname = ''\ntype = 'pca'\n", ["pca", "name", '""'], 2),
    "too many clusters": ("[benchmarks]", "[benchmarks]\nclusters = 14", ["`clusters` = 14", "14 investors"], 2),
    "too many neighbours": ("[benchmarks]", "[benchmarks]\nneighbours = 16", ["`neighbours` = 16", "at most 15"], 2),
    "an empty sample": ("min_assets = 3", "min_assets = 17", ["2000-03-31", "Lower", "min_assets"], 3),
}


@pytest.mark.parametrize("case", BAD_EXPERIMENTS)
def test_bad_experiments_are_refused_before_any_task(cli, tmp_path, case):
    old, new, words, code = BAD_EXPERIMENTS[case]
    text = TINY + PCA0
    done = run_tiny(cli, tmp_path, text.replace(old, new, 1) if old else text + new)
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert not (tmp_path / "out" / "results").exists()


def test_a_panel_of_other_names_is_refused(embeddings_run, cli, tmp_path):
    text = TINY.replace(
        "[sample]", f"[data.panel]\nsource = 'store'\npath = '{economy(embeddings_run) / 'store'}'\n[sample]"
    )
    done = run_tiny(cli, tmp_path, text + PCA0)
    assert done.returncode == 3, done.stderr
    assert "A00000" in done.stderr and "A00" in done.stderr and "same identifiers" in done.stderr


def test_shares_are_needed_for_rebalancing(cli, tmp_path):
    text = TINY.replace("[sample]", "[sample]\nfirst = '2000-06-30'")
    done = run_tiny(cli, tmp_path, text + model("type = 'pca'\nmeasure = 'rebalancing'"), tiny().assign(shares=np.nan))
    assert done.returncode == 3 and "shares" in done.stderr, done.stderr


def test_a_quarter_with_an_empty_sample_is_named(cli, tmp_path):
    holdings = tiny()
    june = holdings.date == "2000-06-30"
    done = run_tiny(cli, tmp_path, holdings=holdings[~june | (holdings.investor < "I02")])
    assert done.returncode == 3 and "2000-06-30" in done.stderr, done.stderr


def test_the_papers_rules_leave_nothing_of_a_hundred_managers(cli, shared_data, tmp_path):
    file = pathlib.Path(__file__).parents[2] / "experiments/real/holdings-13f.toml"
    rules = ["--set", "sample.min_investors=20", "--set", "sample.min_assets=20"]
    path = f"data.holdings.path={shared_data / 'holdings/us_13f_managers.csv.gz'}"
    done = cli("run", file, "--out", tmp_path / "out", "--set", path, *rules)
    assert done.returncode == 3, done.stderr
    assert re.search(
        r"2023-06-30: no sample .* Of \d+ positions of \d+ investors in \d+ assets: there fell", done.stderr
    )


def test_a_missing_quarter_is_passed_over(cli, tmp_path):
    holdings = tiny(quarters=5)
    done = run_tiny(cli, tmp_path, holdings=holdings[holdings.date != "2000-09-30"])
    assert done.returncode == 0, done.stderr
    ranked = scores(tmp_path / "out", "next_quarter", "PCA0")
    assert sorted(set(ranked.date)) == [pd.Timestamp("2000-03-31"), pd.Timestamp("2000-12-31")]


def test_listed_assets_alone_set_the_cut_off_of_size(cli, tmp_path):
    holdings = tiny(quarters=1)
    exchange = pd.Series([("NYSE", "NASDAQ")[a % 4 == 0] for a in range(16)], [f"A{a:02d}" for a in range(16)])
    exchange.rename_axis("asset").rename("exchange").to_csv(tmp_path / "labels.csv")
    labels = "[data.labels]\npath = 'labels.csv'\ncolumns = ['exchange']\n[sample]\nmin_size_quantile = 0.3\n"
    size = holdings.groupby("asset").value.sum()
    for setting, sizes in (("", size), ("exchange = NYSE", size[exchange[size.index] == "NYSE"])):
        text = TINY.replace("[sample]", labels + f"size_breakpoints = '{setting}'\n") + PCA0
        done = run_tiny(cli, tmp_path, text, holdings)
        assert done.returncode == 0, done.stderr
        kept = [asset for asset, own in size.items() if (sizes < own).sum() >= 0.3 * len(sizes)]
        frame = read(tmp_path / "out" / "embeddings" / "PCA0.parquet")
        assert sorted(frame[frame.kind == "asset"].key) == kept, setting
        shutil.rmtree(tmp_path / "out")
    done = run_tiny(cli, tmp_path, text.replace("= NYSE", "= NASDAQ"), holdings)
    assert done.returncode == 3 and "2000-03-31: 4 of the assets" in done.stderr, done.stderr
    done = run_tiny(cli, tmp_path, text.replace("= NYSE", "= NYSD"), holdings)
    assert done.returncode == 2 and "Nearest: `NYSE`" in done.stderr and "`NASDAQ` (4)" in done.stderr, done.stderr


def test_rows_that_are_no_positions_are_counted_in_the_report(cli, tmp_path):
    holdings = tiny()
    holdings.loc[:4, "value"] = 0
    holdings.loc[5:7, "value"] = -1
    done = run_tiny(cli, tmp_path, holdings=holdings)
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "out" / "report.html").read_text()
    assert "value zero: 5" in report and "value negative: 3" in report


def test_one_investor_assets_and_one_asset_investors_are_fitted(cli, tmp_path):
    holdings = tiny()
    single = pd.DataFrame(
        [(d, i, a, 2.0, 1.0) for d in holdings.date.unique() for i, a in [("I00", "rare"), ("narrow", "A03")]],
        columns=holdings.columns,
    )
    text = TINY.replace("min_investors = 3\nmin_assets = 3", "min_investors = 1\nmin_assets = 1")
    text += PCA0 + model("type = 'recommender'\nK = 2")
    done = run_tiny(cli, tmp_path, text, pd.concat([holdings, single]))
    assert done.returncode == 0, done.stderr
    for name in ("PCA0", "second"):
        frame = read(tmp_path / "out" / "embeddings" / f"{name}.parquet")
        assert {"rare", "narrow"} <= set(frame.key)
        assert np.isfinite(np.stack(frame.vector.to_numpy())).all() and np.isfinite(frame.effect).all()


def test_groups_that_share_nothing_are_said_in_the_report(cli, tmp_path):
    holdings = tiny()
    apart = holdings.assign(investor="J" + holdings.investor, asset="B" + holdings.asset)
    done = run_tiny(cli, tmp_path, holdings=pd.concat([holdings, apart]))
    assert done.returncode == 0, done.stderr
    assert "2 groups of investors" in (tmp_path / "out" / "report.html").read_text()
    assert run_tiny(cli, tmp_path / "one").returncode == 0
    assert "groups of investors" not in (tmp_path / "one" / "out" / "report.html").read_text()


def test_a_fit_that_fails_is_named_with_its_cause(cli, tmp_path):
    holdings = tiny()
    few = (holdings.date == "2000-09-30") & (holdings.investor > "I04")
    done = run_tiny(cli, tmp_path, TINY + PCA0.replace("K = 2", "K = 9"), holdings[~few])
    assert done.returncode == 1
    assert "fit PCA0 2000-09-30" in done.stderr and "`K` = 9 components of 5 rows" in done.stderr, done.stderr
