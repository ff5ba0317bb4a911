"""A small simulated economy for tests of the study `embeddings`, and how its files are read."""

import pandas as pd
import pyarrow.parquet as pq

SMALL = """
study = "embeddings"
seed = 7
[data.holdings]
source = "simulate"
assets = 90
months = 13
investors = 50
characteristics = 8
informative = 4
state_pairs = 1
funds = 2
elasticities = "equal"
held_share = 0.4
[sample]
first = "1980-06-30"
min_investors = 12
min_assets = 18
[benchmarks]
splits = 3
held_out_splits = 1
neighbours = 5
"""
MODELS = """
[[model]]
name = "PCA0"
type = "pca"
K = 3
[[model]]
name = "RecSys"
type = "recommender"
K = 3
[[model]]
name = "Beta"
type = "beta"
[[model]]
name = "Observed"
type = "observed"
[[model]]
name = "Placebo"
type = "placebo"
K = 3
"""
QUARTERS = pd.to_datetime(["1980-06-30", "1980-09-30", "1980-12-31"])


def read(path):
    """A Parquet file with dates as timestamps."""
    frame = pq.read_table(path).to_pandas()
    for name in ("date", "known_at"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name])
    return frame


def scores(out, task, model):
    """What a task said of a model, by date, sample and metric, and the mean that metrics.csv gives."""
    (path,) = (out / "results").glob(f"{task}_{model}-*.parquet")
    return read(path)


def economy(out):
    return out / "data" / "economy"
