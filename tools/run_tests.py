"""Runs every test, C++ (ctest), Python and browser (pytest), and ends with one line: `N passed, N failed`.

A GoogleTest program counts with each of its cases, any other ctest test as one. A program that fails without a failed
case (a crash, a sanitizer's report at exit) counts as one failure. Skipped tests are counted apart.
"""

import argparse
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def count_cases(report: pathlib.Path) -> Count:
    """Counts the <testcase> elements of a JUnit or GoogleTest report; a report that cannot be read is one failure."""
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return Count(failed=1)
    count = Count()
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            count.failed += 1
        elif case.find("skipped") is not None or case.get("status") == "disabled":
            count.skipped += 1
        else:
            count.passed += 1
    return count


def count_ctest(ctest_report: pathlib.Path, case_reports: pathlib.Path) -> Count:
    """`case_reports` holds NAME_tests.xml where ctest's test NAME was a GoogleTest program."""
    try:
        tests = list(ElementTree.parse(ctest_report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return Count(failed=1)
    total = Count()
    for test in tests:
        failed = test.get("status") == "fail" or test.find("failure") is not None
        cases = case_reports / f"{test.get('name')}_tests.xml"
        if cases.exists():
            count = count_cases(cases)
            total += Count(failed=1) if failed and count.failed == 0 else count
        else:
            total += Count(failed=1) if failed else Count(passed=1)
    return total


def run_ctest(build: pathlib.Path, results: pathlib.Path, jobs: int, temporary: str) -> Count:
    command = ["ctest", "--test-dir", build, "-j", jobs, "--output-on-failure", "--timeout", "600", "--no-tests=error"]
    report = results / "ctest.xml"
    environment = os.environ | {"GTEST_OUTPUT": f"xml:{results}/", "GTEST_COLOR": "no", "TMPDIR": temporary}
    status = subprocess.run([*map(str, command), "--output-junit", report], env=environment).returncode
    count = count_ctest(report, results)
    return Count(failed=1) if status and not count.failed else count


def run_pytest(folder: pathlib.Path, build: pathlib.Path, results: pathlib.Path) -> Count:
    report = results / f"{folder.name}.xml"
    environment = os.environ | {"LOADSTONE_BUILD": str(build)}
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", folder]
    status = subprocess.run([*map(str, command)], cwd=ROOT, env=environment).returncode
    count = count_cases(report)
    return Count(failed=1) if status and not count.failed else count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    results = build / "test-results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)

    with tempfile.TemporaryDirectory(prefix="loadstone-tests-") as folder:  # another run may be under way
        counts = {"C++": run_ctest(build, results, arguments.jobs, folder)}
    for folder in ("tools/tests", "tests/python", "tests/browser"):
        if list((ROOT / folder).glob("test_*.py")):
            counts[folder] = run_pytest(ROOT / folder, build, results)
    for name, count in counts.items():
        print(f"{name}: {count}")
    total = sum(counts.values(), Count())
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
