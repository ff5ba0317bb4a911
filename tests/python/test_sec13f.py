"""Form 13F data sets with every trap planted: the importer finds the positions that are known to be in them."""

import json
import pathlib
import subprocess

import numpy as np
import pandas as pd
import pytest

import sec13f_files


@pytest.fixture(scope="session")
def program(binary: pathlib.Path) -> pathlib.Path:
    return binary.parent / "bench/bench_sec13f"


@pytest.fixture
def load(program: pathlib.Path, tmp_path: pathlib.Path):
    """load(path=…, threads=2): the report, and positions in order of date, investor and asset."""

    def run(threads: int = 2, **fields: object) -> tuple[dict, pd.DataFrame]:
        out = tmp_path / "positions.parquet"
        command = [program, "load", str(threads), json.dumps(fields), out]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        positions = pd.read_parquet(out).astype({"date": "datetime64[s]", "known_at": "datetime64[s]"})
        return json.loads(done.stdout), positions.sort_values(["date", "investor", "asset"], ignore_index=True)

    return run


def small_world(seed: int) -> sec13f_files.World:
    return sec13f_files.make_world(seed, rows=9_000, managers=60, assets=400)


def write_three(world: sec13f_files.World, folder: pathlib.Path) -> None:
    """By filing date, as the SEC does: a folder, an archive, and an archive with a folder inside."""
    filed = world.filings.filed
    parts = [world.filings[filed < "2023-01-01"], world.filings[(filed >= "2023-01-01") & (filed < "2023-04-01")]]
    parts.append(world.filings[filed >= "2023-04-01"])
    first, second, third = (sec13f_files.tables(world, part, figi=k > 0, padded=k == 1) for k, part in enumerate(parts))
    sec13f_files.write_folder(folder / "2022q4_form13f", first)
    sec13f_files.write_archive(folder / "2023q1_form13f.zip", second)
    sec13f_files.write_archive(folder / "2023q2_form13f.zip", third, inside="2023q2/")


def assert_same(positions: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.astype({"date": "datetime64[s]", "known_at": "datetime64[s]"})
    pd.testing.assert_frame_equal(positions[list(expected)], expected, check_exact=True, check_dtype=False)


@pytest.mark.parametrize("seed", range(6))
def test_every_position_is_found_and_every_row_counted(load, tmp_path, seed):
    world = small_world(seed)
    write_three(world, tmp_path / "sets")
    report, positions = load(path="sets")
    assert_same(positions, world.truth)
    assert report["dropped"] == world.dropped
    assert report["rows"] == len(world.rows) == report["kept"] + sum(report["dropped"].values())


def test_order_and_threads_change_nothing(load, tmp_path, rng):
    world = small_world(11)
    write_three(world, tmp_path / "sets")
    paths = ["sets/2023q2_form13f.zip", "sets/2022q4_form13f", "sets/2023q1_form13f.zip"]
    ordered, positions = load(path="sets", threads=1)
    again, same = load(path=paths, threads=3)
    assert_same(same, positions)
    files = sec13f_files.tables(world, world.filings)
    for name, text in files.items():
        header, *lines = text.removesuffix(b"\n").split(b"\n")
        files[name] = b"\n".join([header, *(lines[k] for k in rng.permutation(len(lines)))])
    sec13f_files.write_folder(tmp_path / "shuffled", files)
    shuffled, same = load(path="shuffled")
    assert_same(same, positions)
    changing = ("seconds", "peak_bytes")
    for report in (again, shuffled):
        assert {k: v for k, v in report.items() if k not in changing} == {
            k: v for k, v in ordered.items() if k not in changing
        }


@pytest.mark.parametrize("day", ["2022-11-15", "2023-01-20", "2023-03-01", "2023-06-30"])
def test_as_of_a_day_is_what_the_files_of_that_day_say(load, tmp_path, day):
    world = small_world(12)
    write_three(world, tmp_path / "sets")
    report, positions = load(path="sets", as_of=day)
    known = world.filings[world.filings.filed <= day]
    sec13f_files.write_folder(tmp_path / "known", sec13f_files.tables(world, known))
    expected_report, expected = load(path="known")
    assert_same(positions, expected)
    assert report["kept"] == expected_report["kept"]
    assert report["dropped"]["filed after `as_of`"] > 0
    assert positions.known_at.max() <= pd.Timestamp(day)


def test_filed_within_leaves_out_later_filings_of_every_date(load, tmp_path):
    world = small_world(13)
    write_three(world, tmp_path / "sets")
    report, positions = load(path="sets", filed_within=45)
    reported = sec13f_files.PERIODS[world.filings.period]
    in_time = world.filings[(world.filings.filed - reported).dt.days <= 45]
    sec13f_files.write_folder(tmp_path / "in_time", sec13f_files.tables(world, in_time))
    assert_same(positions, load(path="in_time")[1])
    assert ((positions.known_at - positions.date).dt.days <= 45).all()
    assert report["dropped"]["filed later than `filed_within` after the report date"] > 0


def test_ambiguous_filings_may_be_kept(load, tmp_path):
    world = small_world(14)
    write_three(world, tmp_path / "sets")
    dropped, _ = load(path="sets")
    kept, positions = load(path="sets", ambiguous="keep")
    assert sec13f_files.AMBIGUOUS in dropped["dropped"]
    assert sec13f_files.AMBIGUOUS not in kept["dropped"]
    merged = world.truth.merge(positions, on=["date", "investor", "asset"], how="left", suffixes=("", "_kept"))
    np.testing.assert_array_equal(merged.dollars, merged.dollars_kept)  # the others are as they were
    assert len(positions) > len(world.truth)


def real_reports(shared_data: pathlib.Path) -> pd.DataFrame:
    """Rows of American managers, the last filing of each manager and date."""
    rows = pd.read_csv(shared_data / "holdings/us_13f_managers.csv.gz", dtype=str, keep_default_na=False)
    rows = rows[(rows.form == "13F-HR") & (rows.accession != "") & (rows.filing_date != "")]
    keys = ["manager", "report_date", "filing_date"]
    rows = rows[rows.groupby("accession")[keys].transform("nunique").max(axis=1) == 1]
    last = rows.drop_duplicates("accession").sort_values(keys).drop_duplicates(keys[:2], keep="last")
    return rows[rows.accession.isin(last.accession)].astype({"value_usd": float, "shares": float})


def tables_of(rows: pd.DataFrame, unit: pd.Series) -> dict[str, bytes]:
    filings = rows.drop_duplicates("accession")
    accession, filed, period = (
        filings.accession,
        pd.to_datetime(filings.filing_date),
        pd.to_datetime(filings.report_date),
    )
    empty = dict.fromkeys(["ISAMENDMENT", "AMENDMENTNO", "AMENDMENTTYPE", "CONFDENIEDEXPIRED"], "")
    submission = {"FILING_DATE": sec13f_files.sec_date(filed), "SUBMISSIONTYPE": "13F-HR", "CIK": filings.manager}
    submission["PERIODOFREPORT"] = sec13f_files.sec_date(period)
    cover = {**empty, "FILINGMANAGER_NAME": filings.manager, "REPORTTYPE": "13F HOLDINGS REPORT"}
    info = {"ACCESSION_NUMBER": rows.accession, "NAMEOFISSUER": "", "TITLEOFCLASS": "", "CUSIP": rows.cusip.str.strip()}
    info |= {"VALUE": np.round(rows.value_usd / unit), "SSHPRNAMT": rows.shares, "SSHPRNAMTTYPE": "SH"}
    tables = {
        "SUBMISSION.tsv": pd.DataFrame({"ACCESSION_NUMBER": accession, **submission}),
        "COVERPAGE.tsv": pd.DataFrame({"ACCESSION_NUMBER": accession, **cover}),
        "INFOTABLE.tsv": pd.DataFrame({**info, "PUTCALL": rows.put_call}),
    }
    return {name: sec13f_files.text_of(table) for name, table in tables.items()}


def test_units_of_real_reports_each_in_a_unit_drawn_at_random(load, tmp_path, shared_data, rng):
    rows = real_reports(shared_data)
    accessions = rows.accession.unique()
    unit = rows.accession.map(pd.Series(rng.choice([1, 1000], len(accessions)), accessions))
    sec13f_files.write_folder(tmp_path / "real", tables_of(rows, unit))
    report, positions = load(path="real", report_dates="as_reported")
    assert report["rows"] == len(rows) == report["kept"] + sum(report["dropped"].values())
    stocks = rows[rows.put_call == ""].assign(date=pd.to_datetime(rows.report_date).astype("datetime64[s]"))
    known = stocks.rename(columns={"manager": "investor"}).groupby(["date", "investor"]).value_usd.sum()
    found = positions.groupby(["date", "investor"]).dollars.sum()
    ratio = (found.reindex(known.index) / known).dropna()
    assert len(ratio) > 0.99 * len(known)  # the others are ambiguous
    wrong = ratio[(ratio < 0.5) | (ratio > 2)].reset_index()
    assert set(wrong.investor) <= {"triplefrond"}  # a share of 40 dollars costs 40,000 there, in the file itself
