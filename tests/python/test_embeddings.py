"""The numbers of the study `embeddings` on a small simulated economy, once more in NumPy, pandas and statsmodels."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm

from embeddings_economy import QUARTERS, economy, read, scores


def vectors(out, model, kind="asset"):
    frame = read(out / "embeddings" / f"{model}.parquet")
    return frame[frame.kind == kind]


def by_quarter(out, model, kind="asset"):
    """quarter -> (n, K) frame of vectors, by name."""
    return {
        date: pd.DataFrame(np.stack(group.vector.to_numpy()), index=group.key)
        for date, group in vectors(out, model, kind).groupby("date")
    }


def metric(out, model, name, sample):
    table = pd.read_csv(out / "metrics.csv")
    (value,) = table[(table.model == model) & (table.metric == name) & (table["sample"] == sample)]["value"]
    return value


def sample_of(holdings, quarter, least_investors=12, least_assets=18):
    """Positions of the quarter's sample: both rules, until nothing falls."""
    held = holdings[holdings.date == quarter]
    while True:
        kept = held[held.groupby("asset").investor.transform("size") >= least_investors]
        kept = kept[kept.groupby("investor").asset.transform("size") >= least_assets]
        if len(kept) == len(held):
            return kept
        held = kept


def test_the_sample_is_what_both_rules_leave(embeddings_run):
    holdings = read(economy(embeddings_run) / "holdings.parquet")
    table = pd.read_csv(embeddings_run / "tables" / "sample.csv")
    fell = 0
    for quarter, row in zip(QUARTERS, table.itertuples(), strict=True):
        held = sample_of(holdings, quarter)
        assert (row.assets, row.investors, row.cells) == (held.asset.nunique(), held.investor.nunique(), len(held))
        assert row.positions == (holdings.date == quarter).sum()
        assert pd.Timestamp(row[2]) == held.known_at.max()
        assert set(by_quarter(embeddings_run, "PCA0")[quarter].index) == set(held.asset)
        fell += row.positions - row.cells
    assert fell > 0


def completed(held):
    """(investors, assets) log holdings less both effects by least squares on dummies, zeros where nothing is held."""
    rows, assets = pd.factorize(held.investor, sort=True), pd.factorize(held.asset, sort=True)
    n, m = len(rows[1]), len(assets[1])
    dummies = np.zeros((len(held), n + m))
    dummies[np.arange(len(held)), rows[0]] = 1
    dummies[np.arange(len(held)), n + assets[0]] = 1
    h = np.log(held.dollars.to_numpy())
    matrix = np.zeros((n, m))
    matrix[rows[0], assets[0]] = h - dummies @ np.linalg.lstsq(dummies, h, rcond=None)[0]
    return matrix, assets[1]


def test_pca0_is_the_svd_of_the_completed_matrix(embeddings_run):
    holdings = read(economy(embeddings_run) / "holdings.parquet")
    for quarter, ours in by_quarter(embeddings_run, "PCA0").items():
        matrix, assets = completed(sample_of(holdings, quarter))
        _, s, Vt = np.linalg.svd(matrix, full_matrices=False)
        X = Vt[:3].T * s[:3] / np.sqrt(len(matrix))
        turned = ours.loc[assets].to_numpy()  # to the quarter before: products do not change
        np.testing.assert_allclose(turned @ turned.T, X @ X.T, atol=1e-7)


def test_effects_and_vectors_give_the_stated_r2_of_the_cells(embeddings_run):
    holdings = read(economy(embeddings_run) / "holdings.parquet")
    models = pd.read_csv(embeddings_run / "tables" / "models.csv").set_index("model")
    for model in ("PCA0", "RecSys"):
        assets, investors = vectors(embeddings_run, model), vectors(embeddings_run, model, "investor")
        r2 = []
        for quarter in QUARTERS:
            held = sample_of(holdings, quarter)
            a = assets[assets.date == quarter].set_index("key").loc[held.asset]
            i = investors[investors.date == quarter].set_index("key").loc[held.investor]
            products = np.einsum("ck,ck->c", np.stack(a.vector.to_numpy()), np.stack(i.vector.to_numpy()))
            h = np.log(held.dollars.to_numpy())
            r2.append(1 - np.var(h - products - a.effect.to_numpy() - i.effect.to_numpy()) / np.var(h))
        assert models.r2[model] == pytest.approx(np.mean(r2), abs=1e-6)


def test_beta_is_the_covariance_with_the_samples_market(embeddings_run):
    panel = read(economy(embeddings_run) / "panel.parquet")
    daily = pd.concat(read(path) for path in sorted((economy(embeddings_run) / "daily").iterdir()))
    for quarter, ours in by_quarter(embeddings_run, "Beta").items():
        equity = panel[panel.date == quarter].set_index("asset").me.astype(float)
        days = daily[(daily.date > quarter - pd.offsets.MonthEnd(3)) & (daily.date <= quarter)]
        returns = days.pivot(index="date", columns="asset", values="ret").reindex(
            columns=by_quarter(embeddings_run, "PCA0")[quarter].index
        )
        weights = returns.notna() * equity.reindex(returns.columns).fillna(0)
        market = (weights * returns.fillna(0)).sum(axis=1) / weights.sum(axis=1)
        expected = returns.apply(lambda r, m=market: r.cov(m, ddof=0) / m[r.notna()].var(ddof=0))
        enough = returns.notna().sum() >= 20
        assert set(ours.index) == set(expected.index[enough])
        np.testing.assert_allclose(ours[0], expected[ours.index], rtol=1e-9)


def valuation_residual(out, quarter):
    panel, books = read(economy(out) / "panel.parquet"), read(economy(out) / "fundamentals.parquet")
    equity = panel[panel.date == quarter].set_index("asset").me.astype(float)
    book = books[books.date == quarter].set_index("asset").book_equity
    both = equity.index.intersection(book.index)
    m, b = np.log(equity[both]), np.log(book[both])
    return m - sm.OLS(m, sm.add_constant(b)).fit().fittedvalues


@pytest.mark.parametrize("model", ["PCA0", "RecSys", "Beta", "Observed", "Placebo"])
def test_valuations_explained_in_sample(embeddings_run, model):
    r2, adjusted = [], []
    for quarter, X in by_quarter(embeddings_run, model).items():
        m = valuation_residual(embeddings_run, quarter).reindex(X.index).dropna()
        fit = sm.OLS(m, sm.add_constant(X.loc[m.index])).fit()
        r2.append(fit.rsquared)
        adjusted.append(fit.rsquared_adj)
    assert metric(embeddings_run, model, "valuation: R2", "in sample") == pytest.approx(np.mean(r2), abs=1e-9)
    assert metric(embeddings_run, model, "valuation: adjusted R2", "in sample") == pytest.approx(
        np.mean(adjusted), abs=1e-9
    )


@pytest.mark.parametrize("model", ["PCA0", "Observed"])
def test_comovement_by_month(embeddings_run, model):
    panel = read(economy(embeddings_run) / "panel.parquet")
    expected = {}
    for quarter, X in by_quarter(embeddings_run, model).items():
        for months in range(3):  # a row's return is that of the month after
            date = quarter + pd.offsets.MonthEnd(months)
            r = panel[panel.date == date].set_index("asset").ret.astype(float).reindex(X.index).dropna()
            if len(r):
                expected[date + pd.offsets.MonthEnd(1)] = sm.OLS(r, sm.add_constant(X.loc[r.index])).fit().rsquared
    ours = scores(embeddings_run, "comovement", model)
    ours = ours[ours.metric == "R2"].set_index("date").value
    assert list(ours.index) == sorted(expected)
    np.testing.assert_allclose(ours, [expected[date] for date in ours.index], atol=1e-9)
    assert metric(embeddings_run, model, "comovement: R2", "next quarter") == pytest.approx(
        np.mean(list(expected.values()))
    )


def test_neighbours_share_labels_as_often_as_counted(embeddings_run):
    label = pd.read_csv(economy(embeddings_run) / "securities.csv").set_index("asset").label
    shares, chances = [], []
    for X in by_quarter(embeddings_run, "RecSys").values():
        unit = X - X.mean()
        unit = unit.div(np.sqrt((unit**2).sum(axis=1)), axis=0).to_numpy()
        same = label[X.index].to_numpy()[:, None] == label[X.index].to_numpy()[None, :]
        cosine = unit @ unit.T
        np.fill_diagonal(cosine, -2)
        nearest = np.argsort(-cosine, axis=1)[:, :5]
        shares.append(np.take_along_axis(same, nearest, axis=1).mean())
        chances.append((same.sum() - len(X)) / (len(X) * (len(X) - 1)))
    assert metric(embeddings_run, "RecSys", "neighbours: same label", "5 nearest") == pytest.approx(np.mean(shares))
    assert metric(embeddings_run, "RecSys", "neighbours: same label", "chance") == pytest.approx(np.mean(chances))


def canonical(a, b):
    basis = [np.linalg.qr(x - x.mean(axis=0))[0] for x in (a, b)]
    return np.linalg.svd(basis[0].T @ basis[1], compute_uv=False)


def test_traits_recovered(embeddings_run):
    truth = pq.read_table(economy(embeddings_run) / "truth" / "assets.parquet").to_pandas().set_index("asset").traits
    for model in ("RecSys", "Observed"):
        values = []
        for X in by_quarter(embeddings_run, model).values():
            values.append(canonical(X.to_numpy(), np.stack(truth[X.index].to_numpy())))
        found = metric(embeddings_run, model, "truth: mean canonical correlation", "traits")
        assert found == pytest.approx(np.mean([np.sum(v) / 5 for v in values]), abs=1e-9)
    smallest = metric(embeddings_run, "Observed", "truth: smallest canonical correlation", "traits")
    assert smallest == pytest.approx(np.mean([v.min() for v in values]), abs=1e-9)
    assert metric(embeddings_run, "RecSys", "truth: smallest canonical correlation", "traits") == 0  # K = 3 of 5 traits


def auc(score, held, entered):
    """Of one investor: chance that an entry scores higher than another asset that it does not hold, ties half."""
    found = score[entered].to_numpy()
    other = score[~entered & ~held].to_numpy()
    if len(found) == 0 or len(other) == 0:
        return np.nan
    return np.mean((found[:, None] > other) + 0.5 * (found[:, None] == other))


def test_next_quarters_positions_are_ranked_by_this_quarters_vectors(embeddings_run):
    holdings = read(economy(embeddings_run) / "holdings.parquet")
    expected = {"RecSys": [], "Popularity": []}
    for quarter in QUARTERS:
        held = sample_of(holdings, quarter)
        after = holdings[holdings.date == quarter + pd.offsets.MonthEnd(3)]
        if after.empty:
            continue
        assets = vectors(embeddings_run, "RecSys")
        assets = assets[assets.date == quarter].set_index("key")
        lambdas = by_quarter(embeddings_run, "RecSys", "investor")[quarter]
        X = np.stack(assets.vector.to_numpy())
        popularity = held.groupby("asset").size().reindex(assets.index)
        areas = {"RecSys": [], "Popularity": []}
        for investor, portfolio in held.groupby("investor"):
            now, then = (assets.index.isin(p.asset) for p in (portfolio, after[after.investor == investor]))
            score = pd.Series(X @ lambdas.loc[investor].to_numpy() + assets.effect.to_numpy(), assets.index)
            areas["RecSys"].append(auc(score, now, then & ~now))
            areas["Popularity"].append(auc(popularity, now, then & ~now))
        for model, values in areas.items():
            expected[model].append(np.nanmean(values))
    for model, values in expected.items():
        assert len(values) == 2
        assert metric(embeddings_run, model, "next_quarter: AUC", "which") == pytest.approx(np.mean(values), abs=1e-12)


def test_popularity_finds_in_the_saved_split_what_the_task_says(embeddings_run):
    (path,) = (embeddings_run / "results").glob("held_out_without*.split.parquet")
    split = pq.read_table(path).to_pandas()
    held = sample_of(read(economy(embeddings_run) / "holdings.parquet"), QUARTERS[-1])
    assert set(zip(split.investor, split.asset, strict=True)) == set(zip(held.investor, held.asset, strict=True))
    train = split[split.held_out == 0]
    popularity = train.groupby("asset").size().reindex(sorted(held.asset.unique()), fill_value=0)
    areas = []
    for investor, portfolio in split.groupby("investor"):
        known = popularity.index.isin(train[train.investor == investor].asset)
        areas.append(auc(popularity, known, popularity.index.isin(portfolio[portfolio.held_out == 1].asset)))
    assert metric(embeddings_run, "Popularity", "held_out: AUC", "which") == pytest.approx(np.nanmean(areas), abs=1e-12)
