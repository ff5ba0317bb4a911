"""Experiment files of all three studies: what a value of the wrong type leads to, and what is recorded of defaults."""

import json
import pathlib
import re

import pandas as pd
import pytest

from embeddings_tiny import PCA0, TINY, run_tiny, tiny

PRICING = """
study = "pricing"
[data.panel]
source = "simulate"
assets = 20
months = 40
[backtest]
window = 12
[[model]]
type = "ridge"
"""
TIMING = """
study = "timing"
[data.series]
path = "series.csv"
"""
STUDIES = {"pricing": PRICING, "timing": TIMING, "embeddings": TINY + PCA0}
A_TABLE, A_TEXT = "needed is a table", "needed is text"

OF_ALL = {  # --set of the value: the place and what is needed
    "title=3": ("`title` of the experiment is 3", A_TEXT),
    "seed=x": ('`seed` of the experiment is "x"', "integer"),
    "seed=1.5": ("`seed` of the experiment is 1.5", "integer"),
    "seed=-3": ("`seed` of the experiment is -3", "Valid: >= 0"),
    "data=5": ("[data] is 5", A_TABLE),
    "saed=5": ("`saed`", "Nearest: `seed`"),
}
OF_EMBEDDINGS = {
    "sample=5": ("[sample] is 5", A_TABLE),
    "benchmarks=5": ("[benchmarks] is 5", A_TABLE),
    "data.holdings=5": ("[data.holdings] is 5", A_TABLE),
    "data.panel=5": ("[data.panel] is 5", A_TABLE),
    "data.labels=5": ("[data.labels] is 5", A_TABLE),
    "data.daily=5": ("[data.daily] is 5", A_TABLE),
    "data.vectors=5": ("[data.vectors] is 5", A_TABLE),
    "data.implied_returns=yes": ('`implied_returns` of [data] is "yes"', "true or false"),
    "data.holdings.source=5": ("`source` of [data.holdings] is 5", A_TEXT),
    "data.holdings.links=5": ("`links` of [data.holdings] is 5", "text"),
    "data.panel.path=5": ("`path` of [data.panel] is 5", A_TEXT),
    "model=5": ("`model` is 5", "[[model]]"),
    "model=[5]": ("a [[model]] is 5", A_TABLE),
    "model.PCA0.name=5": ("`name`", A_TEXT),
    "model.PCA0.type=5": ("`type` of a [[model]] is 5", A_TEXT),
}
OF_PRICING = {
    "data.panel=5": ("[data.panel] is 5", A_TABLE),
    "data.factors=5": ("[data.factors] is 5", A_TABLE),
    "data.factors.x=5": ("[data.factors] is 5", A_TABLE),
    "data.join=5": ("`join`", "[[data.join]]"),
    "backtest=5": ("[backtest] is 5", A_TABLE),
    "evaluation=5": ("[evaluation] is 5", A_TABLE),
    "model.ridge.paper=5": ("`paper` of ridge is 5", A_TEXT),
}
OF_TIMING = {
    "timing=5": ("[timing] is 5", A_TABLE),
    "data.series=5": ("[data.series] is 5", A_TABLE),
    "data.series.path=5": ("`path` of [data.series] is 5", A_TEXT),
    "data.serie.path=x": ("`serie`", "Nearest: `series`"),
}
CASES = [(study, change, *words) for study in STUDIES for change, words in OF_ALL.items()]
CASES += [("embeddings", change, *words) for change, words in OF_EMBEDDINGS.items()]
CASES += [("pricing", change, *words) for change, words in OF_PRICING.items()]
CASES += [("timing", change, *words) for change, words in OF_TIMING.items()]

SERIES = "date,CRSP_SPvw,Rfree,Index\n"


@pytest.mark.parametrize(("study", "change", "place", "needed"), CASES)
def test_wrong_values_are_named_with_their_place_and_what_is_needed(cli, tmp_path, study, change, place, needed):
    (tmp_path / "series.csv").write_text(SERIES)
    (tmp_path / "e.toml").write_text(STUDIES[study])
    done = cli("run", tmp_path / "e.toml", "--out", tmp_path / "out", "--set", change)
    assert done.returncode == 2, done.stderr
    assert place in done.stderr and needed in done.stderr, done.stderr


def test_defaults_are_recorded(cli, tmp_path):
    assert run_tiny(cli, tmp_path).returncode == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["seed"] == record["resolved"]["seed"] == 1
    data = record["resolved"]["data"]
    assert data["implied_returns"] is False
    assert data["holdings"]["several_reports"] == "latest" and data["holdings"]["path"] == ["holdings.csv"]
    assert data["holdings"]["source"] == "csv" and data["holdings"]["report_dates"] == "as_reported"


def test_what_can_be_set_is_listed(cli):
    assert "implied_returns" in cli("models", "data").stdout
    assert "seed = 1" in cli("models", "experiment").stdout
    tasks = cli("models", "benchmarks").stdout
    for task in ("valuation", "truth", "held_out", "next_quarter", "implied_cost_of_capital"):
        assert task in tasks, task


def test_a_folder_is_no_experiment_and_a_file_no_run(cli, tmp_path):
    (tmp_path / "e.toml").write_text(TINY + PCA0)
    done = cli("run", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2 and "is a folder" in done.stderr, done.stderr
    done = cli("run", tmp_path / "e.toml", "--out", tmp_path / "e.toml")
    assert done.returncode == 2 and "is a file" in done.stderr, done.stderr


def test_tasks_asked_for_by_name_and_impossible_are_said_last(cli, tmp_path):
    text = (TINY + PCA0).replace("[benchmarks]", "[benchmarks]\ntasks = ['truth', 'crowding']")
    done = run_tiny(cli, tmp_path, text)
    assert done.returncode == 0, done.stderr
    assert "Not possible: truth:" in done.stdout and "crowding:" not in done.stdout
    assert "Not possible" not in run_tiny(cli, tmp_path / "all").stdout


def test_a_run_with_failures_ends_with_their_number(cli, tmp_path):
    holdings = tiny()
    few = (holdings.date == "2000-09-30") & (holdings.investor > "I04")
    done = run_tiny(cli, tmp_path, TINY + PCA0.replace("K = 2", "K = 9"), holdings[~few])
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "tasks failed" in last and "--resume" in last, done.stderr


@pytest.mark.parametrize("file", ["spillover.toml", "economy/ablation.toml"])
def test_experiments_on_networks_run_as_they_are_written(cli, tmp_path, file):
    file = pathlib.Path(__file__).parents[2] / "experiments" / file
    types = dict(re.findall(r'name = "(.+)"\ntype = "(.+)"', file.read_text()))
    settings = ["data.panel.assets=30", "data.panel.months=64"]
    settings += [f"model.{name}.epochs=1" for name in types if types[name] in ("mlp", "portfolio_transformer")]
    done = cli("run", file, "--out", tmp_path / "out", *(word for s in settings for word in ("--set", s)))
    assert done.returncode == 0, done.stderr
    metrics = pd.read_csv(tmp_path / "out/metrics.csv").query("sample == 'full'").pivot(index="model", columns="metric")
    assert sorted(metrics.index) == sorted(types)
    scores = metrics["value"]
    assert (scores.population_sharpe <= scores.oracle_sharpe).all()
