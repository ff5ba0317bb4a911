"""What a run saves of its vectors: `similar`, and `export` read back by the programs that it writes for."""

import importlib
import subprocess

import numpy as np
import pandas as pd
import pytest

EXPERIMENT = """
study = 'embeddings'
seed = 3
[data.holdings]
source = 'simulate'
assets = 80
months = 12
investors = 60
[benchmarks]
tasks = ['neighbours']
[sample]
min_investors = 5
min_assets = 5
[[model]]
type = 'placebo'
K = 4
[[model]]
name = 'RecSys'
type = 'recommender'
K = 3
ridge = 0.3
starts = 1
"""


@pytest.fixture(scope="module")
def run(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    (folder / "experiment.toml").write_text(EXPERIMENT)
    subprocess.run([binary, "run", "experiment.toml", "--out", "run", "--quiet"], cwd=folder, check=True)
    return folder / "run"


def vectors(run, kind="asset"):
    """Of the newest quarter of RecSys."""
    table = pd.read_parquet(run / "embeddings" / "RecSys.parquet")
    table = table[(table["kind"] == kind) & (table["date"] == table["date"].max())]
    return table, np.stack(table["vector"].to_list())


def cosine_to(X, row):
    centred = X - X.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return unit @ unit[row]


def test_similar_lists_the_highest_cosines_first(cli, run):
    table, X = vectors(run)
    keys = table["key"].to_list()
    expected = [i for i in np.argsort(-cosine_to(X, 7)) if i != 7][:4]
    done = cli("similar", run, keys[7], "-k", 4)
    assert done.returncode == 0, done.stderr
    shown = [line.split() for line in done.stdout.splitlines() if line[:1] == keys[0][:1] and line.split()[0] in keys]
    assert [line[0] for line in shown] == [keys[7], *(keys[i] for i in expected)]
    assert float(shown[1][-1]) == pytest.approx(cosine_to(X, 7)[expected[0]], abs=6e-4)
    assert "RecSys" in done.stdout  # not the placebo, which stands first


def test_similar_knows_investors_and_other_models(cli, run):
    investor = vectors(run, "investor")[0]["key"].iloc[0]
    assert cli("similar", run, investor, "--kind", "investor").returncode == 0
    assert "placebo" in cli("similar", run, vectors(run)[0]["key"].iloc[0], "--model", "placebo").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "is no key and no label"),
        (["A", "--model", "RecSis"], "Nearest: `RecSys`"),
        (["A", "--date", "1999-12-31"], "there are no vectors of 1999-12-31"),
        (["A", "--kind", "investor", "--model", "placebo"], "no vectors of kind `investor` in `placebo`"),
    ],
)
def test_similar_says_what_there_is(cli, run, arguments, message):
    done = cli("similar", run, *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_run_of_another_study_has_no_vectors(cli, tmp_path):
    (tmp_path / "run.json").write_text('{"experiment": {}}')
    done = cli("similar", tmp_path, "A")
    assert done.returncode == 2
    assert "has no embeddings" in done.stderr


def test_what_is_no_run_is_said(cli, tmp_path):
    done = cli("similar", tmp_path / "nowhere", "A")
    assert done.returncode == 2 and "is not a run" in done.stderr, done.stderr
    (tmp_path / "run.json").write_text("{")
    done = cli("similar", tmp_path, "A")
    assert done.returncode == 3 and "run.json is damaged" in done.stderr, done.stderr


def test_nothing_is_written_where_an_export_cannot_be(cli, run, tmp_path):
    done = cli("export", run, "--to", "foo", "--out", tmp_path / "out")
    assert done.returncode == 2 and not (tmp_path / "out").exists(), done.stderr
    (tmp_path / "file").write_text("")
    done = cli("export", run, "--to", "atlas", "--out", tmp_path / "file")
    assert done.returncode == 2 and "is a file" in done.stderr, done.stderr


def test_word2vec_text_loads_in_gensim(cli, run, tmp_path):
    models = pytest.importorskip("gensim.models")
    done = cli("export", run, "--to", "word2vec", "--out", "out")
    assert done.returncode == 0, done.stderr
    loaded = models.KeyedVectors.load_word2vec_format(str(tmp_path / "out" / "assets.word2vec.txt"))
    table, X = vectors(run)
    assert loaded.index_to_key == table["key"].to_list()
    np.testing.assert_allclose(loaded.vectors, X, rtol=1e-6)


def test_projector_files_have_a_row_for_each_vector(cli, run, tmp_path):
    done = cli("export", run, "--to", "projector", "--out", "out")
    assert done.returncode == 0, done.stderr
    table, X = vectors(run)
    # As the projector reads them: numbers between tabs; names below a header, since there is more than one column.
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "out" / "vectors.tsv", delimiter="\t"), X)
    names = pd.read_csv(tmp_path / "out" / "metadata.tsv", sep="\t")
    assert names["key"].to_list() == table["key"].to_list()
    assert names["label"].to_list() == table["label"].to_list()


def test_projector_files_load_in_the_projector(cli, run, tmp_path):
    plugin = importlib.import_module("tensorboard.plugins.projector.projector_plugin")
    assert cli("export", run, "--to", "projector", "--out", "out").returncode == 0
    loaded = plugin._read_tensor_tsv_file(str(tmp_path / "out" / "vectors.tsv"))
    np.testing.assert_allclose(loaded, vectors(run)[1], rtol=1e-6)


def test_atlas_file_has_a_map_and_the_vectors(cli, run, tmp_path):
    assert cli("export", run, "--to", "atlas", "--out", "out").returncode == 0
    table, X = vectors(run)
    atlas = pd.read_parquet(tmp_path / "out" / "assets.parquet")
    assert atlas["key"].to_list() == table["key"].to_list()
    np.testing.assert_allclose(np.stack(atlas["vector"].to_list()), X, rtol=1e-6)
    U, S, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    for column, component in (("x", U[:, 0] * S[0]), ("y", U[:, 1] * S[1])):
        sign = np.sign(component[np.argmax(np.abs(component))])
        np.testing.assert_allclose(atlas[column], sign * component, atol=1e-9)


def test_atlas_file_loads_in_embedding_atlas(cli, run, tmp_path):
    utils = importlib.import_module("embedding_atlas.utils")
    assert cli("export", run, "--to", "atlas", "--out", "out").returncode == 0
    loaded = utils.load_pandas_data(str(tmp_path / "out" / "assets.parquet"))
    assert {"key", "label", "x", "y", "vector"} <= set(loaded.columns)


def test_an_unknown_format_is_refused(cli, run):
    done = cli("export", run, "--to", "wordvec", "--out", "out")
    assert done.returncode == 2
    assert "word2vec" in done.stderr
