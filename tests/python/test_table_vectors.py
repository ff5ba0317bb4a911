"""Vectors from a user's file in runs of the study `embeddings`."""

import numpy as np
import pandas as pd
import pytest

from embeddings_economy import read
from embeddings_tiny import PCA0, TINY, run_tiny

VECTORS = """
[data.vectors]
path = "vectors.csv"
known_at = "read"
prefix = "v"
"""
TABLE = """
[[model]]
name = "Texts"
type = "table"
[[model]]
name = "Components"
type = "table"
K = 2
[[model]]
name = "Both"
type = "combined"
of = ["PCA0", "Texts"]
"""


def tiny_vectors():
    """Of fifteen assets of tiny() and one that nobody holds, dated at the end of 1999 and in May 2000."""
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        [(date, f"A{a:02d}") for date in ("1999-12-31", "2000-05-31") for a in range(1, 17)], columns=["date", "asset"]
    )
    rows["read"] = [("2000-02-15", "2000-07-01", "2000-06-30")[k % 3 if k >= 16 else 0] for k in range(32)]
    for k in range(3):
        rows[f"v{k}"] = rng.normal(size=32)
    rows.loc[20, "v1"] = np.nan
    return rows


def newest(rows, quarter):
    """The last whole row of each asset that could be read at a day, once more in pandas."""
    day = quarter.strftime("%Y-%m-%d")
    known = rows.dropna()[(rows.dropna()[["date", "read"]].max(axis=1) <= day)]
    return known.sort_values("date").groupby("asset").last().filter(like="v")


def test_vectors_of_a_file_stand_beside_embeddings(cli, tmp_path):
    rows = tiny_vectors()
    rows.to_csv(tmp_path / "vectors.csv", index=False)
    done = run_tiny(cli, tmp_path, TINY.replace("[sample]", VECTORS + "[sample]") + PCA0 + TABLE)
    assert done.returncode == 0, done.stderr
    ours = {name: read(tmp_path / "out" / "embeddings" / f"{name}.parquet") for name in ("Texts", "Components")}
    for quarter in pd.to_datetime(["2000-03-31", "2000-06-30", "2000-09-30"]):
        expected = newest(rows, quarter)
        expected = expected[expected.index != "A16"]
        found = {name: frame[frame.date == quarter] for name, frame in ours.items()}
        assert list(found["Texts"].key) == list(expected.index)
        X = np.stack(found["Texts"].vector.to_numpy())
        z = (expected - expected.mean()) / expected.std(ddof=0)
        U = np.linalg.svd(z.to_numpy(), full_matrices=False)[0][:, :2] * np.sqrt(len(z))
        Y = np.stack(found["Components"].vector.to_numpy())
        np.testing.assert_array_equal(X, expected.to_numpy())
        np.testing.assert_allclose(Y @ Y.T, U @ U.T, atol=1e-10)
    metrics = pd.read_csv(tmp_path / "out" / "metrics.csv")
    for name in ("Texts", "Components", "Both"):
        tasks = {metric.split(":")[0] for metric in metrics[metrics.model == name].metric}
        assert {"held_out", "next_quarter", "stability"} <= tasks, tasks
    report = (tmp_path / "out" / "report.html").read_text()
    assert "a number missing or infinite: 1" in report and "asset that nobody holds: 2" in report


def test_two_files_of_vectors_have_names(cli, tmp_path):
    rows = tiny_vectors()
    rows.to_csv(tmp_path / "vectors.csv", index=False)
    rows[rows.date == "1999-12-31"].rename(columns={"v0": "w"}).to_csv(tmp_path / "constant.csv", index=False)
    text = VECTORS.replace("[data.vectors]", "[[data.vectors]]\nname = 'dated'")
    text += "[[data.vectors]]\nname = 'constant'\npath = 'constant.csv'\ndate = ''\ncolumns = ['w']\n"
    models = "".join(f"[[model]]\nname = '{name}'\ntype = 'table'\nfrom = '{name}'\n" for name in ("dated", "constant"))
    done = run_tiny(cli, tmp_path, TINY.replace("[sample]", text + "[sample]") + models)
    assert done.returncode == 0, done.stderr
    constant = read(tmp_path / "out" / "embeddings" / "constant.parquet").set_index("key")
    assert set(constant.date) == set(pd.to_datetime(["2000-03-31", "2000-06-30", "2000-09-30"]))
    first = rows[rows.date == "1999-12-31"].set_index("asset").v0
    np.testing.assert_array_equal(np.stack(constant.vector.to_numpy())[:, 0], first[constant.index])
    assert "the same vectors, whenever these were made" in (tmp_path / "out" / "report.html").read_text()


BAD_VECTORS = {
    "no such column": ('prefix = "v"', 'columns = ["v0", "v9"]', ["vectors.csv", "no column `v9`", "Nearest"], 3),
    "no such prefix": ('prefix = "v"', 'prefix = "w"', ["begins with `w`"], 3),
    "neither columns nor prefix": ('prefix = "v"', "", ["[data.vectors]", "`columns`", "`prefix`"], 2),
    "text in a number": ('prefix = "v"', 'columns = ["v0", "read"]', ["line 2", "`read`", "not a number"], 3),
    "the same asset twice": ('known_at = "read"', 'date = "read"', ["[data.vectors]: two rows of A"], 3),
    "no asset matches": (",A", ",B", ["such as `B01`", "such as `A00`"], 3),
    "no dates, yet a lag": ('known_at = "read"', 'date = ""\npublication_lag = 4', ["without `date`"], 2),
    "nothing known at the first quarter": ("1999-12-31", "2000-04-30", ["Texts", "2000-03-31", "could be read"], 3),
    "a name that there is not": ("type = 'table'", "type = 'table'\nfrom = 'texts'", ["Texts", "`texts`"], 2),
}


@pytest.mark.parametrize("case", BAD_VECTORS)
def test_bad_vectors_are_refused_before_any_task(cli, tmp_path, case):
    old, new, words, code = BAD_VECTORS[case]
    model = "[[model]]\nname = 'Texts'\ntype = 'table'\n"
    (tmp_path / "vectors.csv").write_text(tiny_vectors().to_csv(index=False).replace(old, new))
    text = TINY.replace("[sample]", VECTORS + "[sample]") + model
    done = run_tiny(cli, tmp_path, text.replace(old, new))
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert not (tmp_path / "out" / "results").exists()
