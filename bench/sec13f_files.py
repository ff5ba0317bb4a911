"""SEC Form 13F data sets with every trap planted, and the positions that a right reader finds in them.

python bench/sec13f_files.py FOLDER [--rows 3300000]: one data set of about so many rows of INFOTABLE. The right answer
(truth.parquet, dropped.json) is known from how the files are made, not from reading them.

Managers hold assets at three report dates, and each report comes in one of the ways of SCENARIOS. All large managers
hold the popular and the penny assets, so that other filings show their prices.
"""

import argparse
import dataclasses
import io
import json
import pathlib
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

PERIODS = pd.to_datetime(["2022-09-30", "2022-12-31", "2023-03-31"])
DOLLARS_SINCE = pd.Timestamp("2023-01-03")
POPULAR, PENNY, OWN = 10, 10, 50  # first assets, those after them, and the last ones, which only few_unknown holds
WRONG_CHECK_DIGIT = slice(POPULAR + PENNY, POPULAR + PENNY + 5)
SUMMED = "summed into another row of the same report and asset"
REPLACED = "replaced by a later filing of the same report"
UNFOUNDED = "of an amendment that adds to a report that is not in the files"
AMBIGUOUS = "of a filing whose unit is ambiguous"
SCENARIOS = {  # share of all reports
    "plain": 0.80,
    "wrong_unit": 0.06,  # thousands when dollars are asked for, or the other way round
    "restatement": 0.03,
    "partial_restatement": 0.01,  # of less than half of the positions
    "filed_twice": 0.01,  # a second original
    "untyped_whole": 0.01,  # an amendment without a type that repeats the report
    "untyped_new": 0.01,  # one that does not
    "new_holdings": 0.02,
    "no_original": 0.01,  # new holdings alone
    "few_known": 0.01,  # four rows, of assets whose prices others show
    "few_unknown": 0.01,  # three rows, of assets that nobody else holds
    "pennies": 0.01,  # more than half of the rows below one dollar a share, in dollars
    "values_as_shares": 0.005,
    "dollars_as_shares": 0.005,  # values in thousands; the same in dollars in the column of shares
}
WHOLE = ["restatement", "partial_restatement", "filed_twice", "untyped_whole"]  # the second filing replaces the first
NO_POSITIONS = {  # rows that are none: reason -> what differs from a row that is one
    "put or call option": {"put_call": "Put"},
    "put or call option by its title of class": {"title": "COM CALL"},
    "principal amount of a bond (PRN), not shares": {"type": "PRN"},
    "value zero": {"value": 0},
    "shares zero": {"shares": 0},
    "CUSIP missing": {"cusip": "000000000"},
    "damaged: not as many cells as columns": {"damaged": True},
    "of a filing that SUBMISSION.tsv does not list": {"unlisted": True},
}


@dataclasses.dataclass
class World:
    filings: pd.DataFrame  # one for each row of SUBMISSION, COVERPAGE and SUMMARYPAGE
    rows: pd.DataFrame  # of INFOTABLE, by filing; `reason`: why a row is left out, or empty
    truth: pd.DataFrame  # date, investor, asset, dollars, shares, known_at
    dropped: dict[str, int]


def check_digit(code: str) -> str:
    values = [int(c, 36) * (1 + k % 2) for k, c in enumerate(code)]
    return str((10 - sum(v // 10 + v % 10 for v in values) % 10) % 10)


def make_cusips(rng: np.random.Generator, count: int) -> list[str]:
    """Numbers, one in ten of which starts with a zero, and codes with a letter; assets 3 and 6 start with zeros."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        start = 1_000 if len(codes) in (3, 6) else rng.integers(1_000, 1_000_000)
        digits = rng.random() < 2 / 3 or len(codes) in (3, 6)
        stem = f"{(start + len(codes)) % 1_000_000:06d}" if digits else f"{start % 100_000:05d}X"
        codes[stem + "10" + check_digit(stem + "10")] = None
    out = list(codes)
    out[WRONG_CHECK_DIGIT] = [code[:8] + str((int(code[8]) + 1) % 10) for code in out[WRONG_CHECK_DIGIT]]
    return out


def make_assets(rng: np.random.Generator, count: int) -> pd.DataFrame:
    assets = pd.DataFrame({"cusip": make_cusips(rng, count)})
    assets["issuer"] = [f"ISSUER {k} INC" for k in range(count)]
    assets.loc[[1, 2], "issuer"] = ['BANK "QUOTED CORP', "SOCI\u00c9T\u00c9"]  # never closed; not UTF-8 in the files
    assets["title"] = rng.choice(["COM", "CL A", "SHS", "SPONSORED ADR"], count, p=[0.7, 0.1, 0.1, 0.1])
    price = np.exp(rng.normal(3.6, 1.0, count)).clip(2)
    price[0] = 480_000.0  # a share that costs what a house does
    price[POPULAR : POPULAR + PENNY] = rng.uniform(0.2, 0.7, PENNY)
    for period in range(len(PERIODS)):
        price = price * np.exp(rng.normal(0, 0.05, count))
        assets[f"price_{period}"] = price
    return assets


def make_reports(rng: np.random.Generator, managers: int) -> pd.DataFrame:
    reports = pd.DataFrame({"cik": np.repeat(1_000 + 7 * np.arange(managers), len(PERIODS))})
    reports["period"] = np.tile(np.arange(len(PERIODS)), managers)
    names, shares = np.array(list(SCENARIOS)), np.array(list(SCENARIOS.values()))
    reports["scenario"] = rng.choice(names, len(reports), p=shares / shares.sum())
    every = rng.permutation(len(reports))[: 2 * len(names)]
    reports.loc[every, "scenario"] = np.tile(names, 2)
    return reports


def held_assets(rng: np.random.Generator, scenario: str, assets: int, size: int) -> np.ndarray:
    if scenario == "few_known":
        return np.arange(1, 5)
    if scenario == "few_unknown":
        return assets - OWN + rng.choice(OWN, 3, replace=False)
    first = POPULAR + PENNY
    if scenario == "pennies":
        return np.concatenate([np.arange(1, 6), np.arange(POPULAR, first)])
    drawn = first + (assets - OWN - first) * rng.random(size) ** 2  # the first ones are in most portfolios
    return np.unique(np.concatenate([np.arange(first), drawn.astype(int)]))


def make_holdings(rng: np.random.Generator, reports: pd.DataFrame, assets: pd.DataFrame, rows: int) -> pd.DataFrame:
    """report, asset, shares and dollars of every position."""
    size = np.exp(rng.normal(0, 0.9, len(reports)))
    size = np.maximum(30, size / size.mean() * rows / len(reports)).astype(int)
    held = [held_assets(rng, s, len(assets), n) for s, n in zip(reports.scenario, size, strict=True)]
    out = pd.DataFrame({"report": np.repeat(np.arange(len(reports)), [len(a) for a in held])})
    out["asset"] = np.concatenate(held)
    prices = assets[[f"price_{k}" for k in range(len(PERIODS))]].to_numpy()
    price = prices[out.asset, reports.period.to_numpy()[out.report]] * np.exp(rng.normal(0, 0.02, len(out)))
    out["shares"] = rng.integers(1_000, 200_000, len(out)) * 10
    out["dollars"] = np.round(out.shares * price)
    return out


def make_filings(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    """The first and, where there is one, the second filing of every report."""
    first = reports[reports.scenario != "no_original"].assign(step=0)
    later = reports[reports.scenario.isin([*WHOLE, "untyped_new", "new_holdings", "no_original"])].assign(step=1)
    filings = pd.concat([first, later]).rename_axis("report").reset_index()
    filings = filings.sort_values(["report", "step"], ignore_index=True)
    days = np.where(filings.step == 0, rng.integers(1, 46, len(filings)), rng.integers(46, 200, len(filings)))
    filings["filed"] = PERIODS[filings.period] + pd.to_timedelta(days, "D")
    asked = np.where(filings.filed < DOLLARS_SINCE, 1000, 1)
    s = filings.scenario
    conditions = [s == "wrong_unit", s == "pennies", s == "dollars_as_shares", s == "few_known"]
    choices = [1001 - asked, 1, 1000, rng.choice([1, 1000], len(filings))]
    filings["unit"] = np.select(conditions, choices, asked)
    filings["form"] = np.where((filings.step == 1) & (s != "filed_twice"), "13F-HR/A", "13F-HR")
    kinds = {"restatement": "RESTATEMENT", "partial_restatement": "RESTATEMENT"}
    kinds |= {"new_holdings": "NEW HOLDINGS", "no_original": "NEW HOLDINGS"}
    filings["kind"] = np.where(filings.form == "13F-HR/A", s.map(kinds).fillna(""), "")
    year = filings.filed.dt.strftime("%y")
    filings["accession"] = [f"{k % 97 + 1000:010d}-{y}-{k:06d}" for k, y in enumerate(year)]
    return filings


def make_rows(
    rng: np.random.Generator, reports: pd.DataFrame, filings: pd.DataFrame, held: pd.DataFrame
) -> pd.DataFrame:
    """Rows of all filings: what they say (value, shares), dollars, and `reason`, which is empty where they stand."""
    rows = held.assign(scenario=reports.scenario.to_numpy()[held.report])
    popular = (rows.asset > 0) & (rows.asset < POPULAR)
    adds = rows.scenario.isin(["new_holdings", "untyped_new"]) & popular & (rows.asset % 3 == 0)
    alone = rows.scenario == "no_original"
    whole = rows.scenario.isin(["restatement", "filed_twice", "untyped_whole"])
    part = (rows.scenario == "partial_restatement") & (
        popular | (rows.asset % 5 == 0) & (rows.asset >= POPULAR + PENNY)
    )
    more = (rows.scenario == "new_holdings") & (rows.asset == 1)  # of what the report has
    first = rows[~adds & ~alone].assign(step=0)
    second = rows[adds | whole | part | more | (alone & popular)].assign(step=1)
    changed = (whole | part)[second.index] & (rng.random(len(second)) < 0.1)
    second.loc[changed, ["shares", "dollars"]] *= 2
    rows = pd.concat([first, second], ignore_index=True)
    number = pd.MultiIndex.from_frame(filings[["report", "step"]])
    rows["filing"] = number.get_indexer(pd.MultiIndex.from_frame(rows[["report", "step"]]))
    unit = filings.unit.to_numpy()[rows.filing]
    rows["value"] = np.round(rows.dollars / unit)
    is_value, is_dollars = rows.scenario == "values_as_shares", rows.scenario == "dollars_as_shares"
    rows["shares"] = np.select([is_value, is_dollars], [rows.value, rows.dollars], rows.shares)
    rows["dollars"] = rows.value * unit
    replaced = (rows.step == 0) & rows.report.isin(reports.index[reports.scenario.isin(WHOLE)])
    ambiguous = rows.scenario.isin(["few_unknown", "pennies", "values_as_shares"])
    conditions = [replaced, rows.scenario == "no_original", ambiguous]
    rows["reason"] = np.select(conditions, [REPLACED, UNFOUNDED, AMBIGUOUS], "")
    return rows


def true_positions(rows: pd.DataFrame, filings: pd.DataFrame, assets: pd.DataFrame) -> pd.DataFrame:
    """What stands, and from when: a position that a later filing repeats unchanged is known from the first one."""
    stands = rows[rows.reason == ""].copy()
    before = rows[rows.reason == REPLACED].set_index(["report", "asset"])[["dollars", "shares"]]
    before = before.reindex(pd.MultiIndex.from_frame(stands[["report", "asset"]]))
    unchanged = (before.dollars.to_numpy() == stands.dollars) & (before.shares.to_numpy() == stands.shares)
    first = filings[filings.step == 0].set_index("report").filed.reindex(stands.report).to_numpy()
    stands["known_at"] = np.where(unchanged, first, filings.filed.to_numpy()[stands.filing])
    stands.loc[stands.scenario == "dollars_as_shares", "shares"] = np.nan
    by = stands.groupby(["report", "asset"])
    truth = by[["dollars", "shares"]].sum(min_count=1).assign(known_at=by.known_at.max()).reset_index()
    report = filings.drop_duplicates("report").set_index("report").loc[truth.report]
    truth["date"] = PERIODS[report.period]
    truth["investor"] = report.cik.astype(str).to_numpy()
    truth["asset"] = assets.cusip.to_numpy()[truth.asset]
    columns = ["date", "investor", "asset", "dollars", "shares", "known_at"]
    return truth[columns].sort_values(columns[:3], ignore_index=True)


def split_some(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """One row in twenty comes as two, as with several managers. Small filings stay as small as they are."""
    chosen = (rng.random(len(rows)) < 0.05) & (rows.value > 1) & ~rows.scenario.isin(["few_known", "few_unknown"])
    half = rows[chosen].copy()
    half[["value", "shares"]] = half[["value", "shares"]] // 2
    rows = rows.copy()
    rows.loc[chosen, ["value", "shares"]] -= half[["value", "shares"]]
    return pd.concat([rows, half], ignore_index=True)


def damaged_cusip(code: str, way: int) -> str:
    if way == 0:
        return f"{code[:6]} {code[6:].lower()}"
    if code.isdigit():
        return code.lstrip("0") if code[0] == "0" else f"{code[0]}.{code[1:]}E+08"
    return code.lower() if way == 1 else code[:8]


def add_texts(rng: np.random.Generator, rows: pd.DataFrame, assets: pd.DataFrame) -> pd.DataFrame:
    for column in ("cusip", "issuer", "title"):
        rows[column] = assets[column].to_numpy()[rows.asset]
    rows["type"], rows["put_call"], rows["damaged"], rows["unlisted"] = "SH", "", False, False
    damage = np.flatnonzero((rng.random(len(rows)) < 0.05) & (rows.asset < POPULAR))
    ways = rng.integers(0, 3, len(damage))
    codes = [damaged_cusip(code, way) for code, way in zip(rows.cusip.to_numpy()[damage], ways, strict=True)]
    rows.loc[damage, "cusip"] = codes
    other = np.flatnonzero(rng.random(len(rows)) < 0.1)
    rows.loc[other, "issuer"] = rows.issuer[other] + " NEW"
    return rows


def add_rows_without_position(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    candidates = np.flatnonzero(rows.scenario == "plain")
    parts = [rows]
    for reason, changes in NO_POSITIONS.items():
        chosen = rng.choice(candidates, max(2, len(rows) // 200))
        parts.append(rows.iloc[chosen].assign(reason=reason, **changes))
    return pd.concat(parts, ignore_index=True)


def make_world(seed: int, rows: int, managers: int, assets: int) -> World:
    rng = np.random.default_rng(seed)
    securities, reports = make_assets(rng, assets), make_reports(rng, managers)
    held = make_holdings(rng, reports, securities, rows)
    filings = make_filings(rng, reports)
    filed = make_rows(rng, reports, filings, held)
    truth = true_positions(filed, filings, securities)
    filed = add_rows_without_position(rng, add_texts(rng, split_some(rng, filed), securities))
    filed = filed.sort_values("filing", kind="stable", ignore_index=True)
    counts = filed.reason.value_counts().to_dict()
    dropped = counts | {SUMMED: counts.pop("") - len(truth)}
    dropped.pop("", None)
    listed = filed[~filed.damaged & ~filed.unlisted]
    filings["total"] = listed.groupby("filing").value.sum().reindex(filings.index).fillna(0)
    return World(filings, filed, truth, dropped)


# --- as files ---------------------------------------------------------------------------------------------------------


def sec_date(dates: pd.Series) -> pd.Series:
    return dates.dt.strftime("%d-%b-%Y").str.upper()


def text_of(table: pd.DataFrame) -> bytes:
    """Tab-separated without quotes, which pyarrow writes only where there are none."""
    columns = {name: pa.array(table[name]) for name in table}
    sink = io.BytesIO()
    options = pa.csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    pa.csv.write_csv(pa.table(columns), sink, options)
    text = "\t".join(table.columns).encode() + b"\n" + sink.getvalue()
    return text.replace(b"\x01", b'"').replace("\u00c9".encode(), b"\xc9")


def submission(filings: pd.DataFrame, padded: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ACCESSION_NUMBER": filings.accession,
            "FILING_DATE": sec_date(filings.filed),
            "SUBMISSIONTYPE": filings.form,
            "CIK": [f"{cik:010d}" if padded else str(cik) for cik in filings.cik],
            "PERIODOFREPORT": sec_date(pd.Series(PERIODS[filings.period], filings.index)),
        }
    )


def cover_page(filings: pd.DataFrame) -> pd.DataFrame:
    amends = filings.form == "13F-HR/A"
    report = np.where(filings.form == "13F-NT", "13F NOTICE", "13F HOLDINGS REPORT")
    return pd.DataFrame(
        {
            "ACCESSION_NUMBER": filings.accession,
            "ISAMENDMENT": np.where(amends & (filings.index % 2 == 0), "Y", np.where(filings.index % 3 == 0, "N", "")),
            "AMENDMENTNO": np.where(amends, "1", ""),
            "AMENDMENTTYPE": filings.kind,
            "CONFDENIEDEXPIRED": np.where(filings.kind == "NEW HOLDINGS", "Y", ""),
            "FILINGMANAGER_NAME": "MANAGER " + filings.cik.astype(str),
            "REPORTTYPE": report,
            "ADDITIONALINFORMATION": "",
        }
    )


def summary_page(filings: pd.DataFrame) -> pd.DataFrame:
    total = filings.total.astype(np.int64).astype(str)
    return pd.DataFrame(
        {
            "ACCESSION_NUMBER": filings.accession,
            "TABLEVALUETOTAL": total,
            "ISCONFIDENTIALOMITTED": np.where(filings.scenario == "new_holdings", "Y", "N"),
        }
    )


def info_table(rows: pd.DataFrame, filings: pd.DataFrame, figi: bool) -> pd.DataFrame:
    accession = filings.accession.reindex(rows.filing).to_numpy()
    table = pd.DataFrame({"ACCESSION_NUMBER": np.where(rows.unlisted, "0000000000-00-000000", accession)})
    table["INFOTABLE_SK"] = 90_000_000 + np.arange(len(rows))
    table["NAMEOFISSUER"] = rows.issuer.str.replace('"', "\x01").to_numpy()
    table["TITLEOFCLASS"] = rows.title.to_numpy()
    table["CUSIP"] = rows.cusip.to_numpy()
    if figi:
        table["FIGI"] = np.where(rows.asset % 2 == 0, "BBG000B9XRY4", "")
    table["VALUE"] = rows.value.astype(np.int64).to_numpy()
    table["SSHPRNAMT"] = rows.shares.astype(np.int64).to_numpy()
    table["SSHPRNAMTTYPE"] = rows.type.to_numpy()
    table["PUTCALL"] = rows.put_call.to_numpy()
    table["INVESTMENTDISCRETION"] = "SOLE"
    table["OTHERMANAGER"] = np.where(rows.asset % 7 == 0, "1,2", "")
    table["VOTING_AUTH_SOLE"] = table.SSHPRNAMT
    table["VOTING_AUTH_SHARED"] = table["VOTING_AUTH_NONE"] = 0
    return table


def cut_short(text: bytes, lines: np.ndarray) -> bytes:
    """These rows (counted from 0 below the header) lose their last four cells."""
    if len(lines) == 0:
        return text
    parts = text.split(b"\n")
    for line in lines + 1:
        parts[line] = b"\t".join(parts[line].split(b"\t")[:-4])
    return b"\n".join(parts)


def tables(world: World, filings: pd.DataFrame, figi: bool = True, padded: bool = True) -> dict[str, bytes]:
    """The files of a data set that holds these of the world's filings."""
    rows = world.rows[world.rows.filing.isin(filings.index)]
    return {
        "SUBMISSION.tsv": text_of(submission(filings, padded)),
        "COVERPAGE.tsv": text_of(cover_page(filings)),
        "SUMMARYPAGE.tsv": text_of(summary_page(filings)),
        "INFOTABLE.tsv": cut_short(
            text_of(info_table(rows, world.filings, figi)), np.flatnonzero(rows.damaged.to_numpy())
        ),
    }


def write_folder(folder: pathlib.Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text)


def write_archive(path: pathlib.Path, files: dict[str, bytes], inside: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(inside + name, text)


def write_large(folder: pathlib.Path, rows: int) -> None:
    """One data set of a size that the SEC publishes, with its answer in truth.parquet and dropped.json."""
    world = make_world(1, rows, managers=2_000, assets=15_000)
    write_folder(folder, tables(world, world.filings))
    world.truth.to_parquet(folder / "truth.parquet")
    (folder / "dropped.json").write_text(json.dumps(world.dropped))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=3_300_000)
    arguments = parser.parse_args()
    write_large(arguments.folder, arguments.rows)


if __name__ == "__main__":
    main()
