"""Look-ahead in the study `embeddings`: no model of any type changes a bit of its vectors when later data are added."""

import numpy as np
import pandas as pd

from embeddings_economy import QUARTERS, economy, read

FROM_FILES = """
study = "embeddings"
seed = 7
[data.holdings]
source = "parquet"
path = "holdings.parquet"
value = "dollars"
shares = "shares"
known_at = "known_at"
[data.panel]
source = "parquet"
path = "panel.parquet"
timing = "known_at"
market_equity = "me"
size_group = "size_grp"
max_missing_returns = 1.0
[data.book_equity]
path = "fundamentals.parquet"
value = "book_equity"
known_at = "known_at"
[data.daily]
path = "daily.parquet"
value = "ret"
[data.labels]
path = "securities.csv"
columns = ["label"]
[data.vectors]
path = "vectors.csv"
known_at = "known_at"
prefix = "v"
[sample]
first = "1980-06-30"
min_investors = 8
min_assets = 8
min_size_quantile = 0.1
[benchmarks]
tasks = ["valuation"]
splits = 2
"""
# By type: the fields of a model, or of several. Each option that takes further data or earlier quarters is in one.
LOOK_AHEAD = {
    "recommender": [
        "K = 3\nstarts = 1\nkappa = 0.3\nquarters = 2\nquarter_weight = 0.7\ninvestor_weight = 'size'",
        "K = 3\nridges = [0.5, 2, 8]\nstarts = 1\nwarm_start = true\nmeasure = 'active_weights'",
        "K = 3\nstarts = 1\nmeasure = 'active_weights'\nmarket = 'market_equity'",
    ],
    "semiparametric": ["K = 2\nobserved = 3\nstarts = 1\nkappa = 0.3\nquarters = 2"],
    "brandt": ["K = 2\nstarts = 1\nkappa = 0.5\nquarters = 2", "K = 2\nstarts = 1\nwarm_start = true"],
    "pca": ["K = 3\nranks = true\nquarters = 3", "K = 3\nmeasure = 'rebalancing'"],
    "implicit": ["K = 3\nquarters = 2\nwarm_start = true", "K = 3\nfeedback = 'value'\nranks = true"],
    "word2vec": ["K = 3\nepochs = 4\nquarters = 2", "K = 3\nepochs = 2\nwarm_start = true"],
    "glove": ["K = 3\nquarters = 2\nmeasure = 'active_weights'"],
    "combined": ["of = ['glove 0', 'observed 0', 'beta 0', 'table 0']\nK = 4"],
    "observed": [""],
    "beta": [""],
    "table": ["K = 2"],
    "placebo": ["K = 3"],
}
LOOK_AHEAD_MODELS = "".join(
    f"[[model]]\nname = '{kind} {k}'\ntype = '{kind}'\n{fields}\n"
    for kind, models in LOOK_AHEAD.items()
    for k, fields in enumerate(models)
)


def embedding_types(cli):
    listing = cli("models").stdout.split("Models of an embeddings experiment:\n")[1].split("\n\n")[0]
    return {line.split()[0] for line in listing.splitlines()}


def texts(assets, until=None):
    """A row for each asset and month, which could be read up to 70 days later; `until`: what could be by then."""
    rng = np.random.default_rng(2)
    months = pd.date_range("1980-01-31", periods=12, freq="ME")
    rows = pd.MultiIndex.from_product([months, sorted(assets)], names=["date", "asset"]).to_frame(index=False)
    rows["known_at"] = rows.date + pd.to_timedelta(rng.integers(0, 70, len(rows)), unit="D")
    for k in range(4):
        rows[f"v{k}"] = rng.normal(size=len(rows))
    return rows if until is None else rows[rows.known_at <= until]


def write_files(folder, source, until=None):
    """The files of an economy, one position in twenty filed 90 days after its quarter; `until`: as they could be read
    when the filings of that quarter were in."""
    folder.mkdir()
    holdings = read(source / "holdings.parquet")
    late = np.random.default_rng(1).random(len(holdings)) < 0.05
    holdings.loc[late, "known_at"] = holdings.date[late] + pd.Timedelta(days=90)
    panel, books = read(source / "panel.parquet"), read(source / "fundamentals.parquet")
    daily = pd.concat(read(path) for path in sorted((source / "daily").iterdir()))
    if until is not None:
        holdings = holdings[(holdings.date <= until) & (holdings.known_at <= until + pd.Timedelta(days=60))]
        panel, daily, books = (table[table.date <= until].copy() for table in (panel, daily, books))
        panel.loc[panel.date == until, "ret"] = np.nan  # of the month that follows
    for name, table in {"holdings": holdings, "panel": panel, "fundamentals": books, "daily": daily}.items():
        table.to_parquet(folder / f"{name}.parquet")
    (folder / "securities.csv").write_text((source / "securities.csv").read_text())
    texts(pd.read_csv(source / "securities.csv").asset, until).to_csv(folder / "vectors.csv", index=False)
    (folder / "e.toml").write_text(FROM_FILES + LOOK_AHEAD_MODELS)
    return folder / "e.toml"


def fitted(out, until):
    """model -> vectors of the quarters up to a date, without the numbers of the dictionaries, which grow later."""
    tables = {}
    for path in (out / "embeddings").iterdir():
        frame = read(path)
        tables[path.stem] = frame[frame.date <= until].drop(columns="number")
    return tables


def test_nothing_later_moves_a_bit_of_a_fit(embeddings_run, cli, tmp_path):
    assert set(LOOK_AHEAD) == embedding_types(cli), "a type without an entry in LOOK_AHEAD may look ahead"
    cut = QUARTERS[1]
    whole = write_files(tmp_path / "whole", economy(embeddings_run))
    short = write_files(tmp_path / "short", economy(embeddings_run), cut)
    for file in (whole, short):
        done = cli("run", file, "--out", file.parent / "out", "--workers", 2)
        assert done.returncode == 0, done.stderr
    later, earlier = fitted(tmp_path / "whole" / "out", cut), fitted(tmp_path / "short" / "out", cut)
    assert len(later) == LOOK_AHEAD_MODELS.count("[[model]]")
    for model, frame in later.items():
        assert set(frame.date) == set(QUARTERS[:2]), model
        vectors = [name for name in ("vector", "output") if name in frame]
        pd.testing.assert_frame_equal(frame.drop(columns=vectors), earlier[model].drop(columns=vectors))
        for name in vectors:
            np.testing.assert_array_equal(np.stack(frame[name].to_numpy()), np.stack(earlier[model][name].to_numpy()))
    table = pd.read_csv(tmp_path / "whole" / "out" / "tables" / "sample.csv")
    assert (table.late > 0).all()
    assert (pd.read_csv(tmp_path / "short" / "out" / "tables" / "sample.csv").late.iloc[-1]) == 0
