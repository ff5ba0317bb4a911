"""Runs every check and says which failed: formatting, include direction, header cost, sizes, words, clang-tidy, ruff.

clang-tidy and the header costs look at changed files only (see base_commit() in project.py); --all takes every file.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

from project import ROOT, changed_files, files

TOOLS = pathlib.Path(__file__).resolve().parent
# clang before 16 refuses what C++20 allows: a lambda that captures a structured binding.
NOT_OURS = re.compile(r"error: reference to local binding '\w+' declared in enclosing")


def run(*command: object) -> tuple[bool, str]:
    result = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
    return result.returncode == 0, result.stdout + result.stderr


def clang_format() -> tuple[bool, str]:
    passed, output = run("clang-format", "--dry-run", "--Werror", *files("*.h", "*.cpp"))
    unformatted = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", output, re.MULTILINE)))
    return passed, "\n".join([*unformatted, "`make format` formats them"])


def tidy_one(path: pathlib.Path, build: pathlib.Path) -> str:
    _, output = run("clang-tidy", "-p", build, "--quiet", "--extra-arg=-w", path)  # g++ has the warnings
    found = [part for part in re.split(r"\n(?=\S+:\d+:\d+: (?:error|warning):)", "\n" + output) if ": error:" in part]
    return "\n".join(part for part in found if not NOT_OURS.search(part))


def clang_tidy(build: pathlib.Path, jobs: int, everything: bool) -> tuple[bool, str]:
    compiled = (build / "compile_commands.json").read_text()
    chosen = [p for p in (files if everything else changed_files)("*.cpp") if f'/{p}"' in compiled]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        found = [text for text in pool.map(lambda path: tidy_one(path, build), chosen) if text]
    return not found, "\n".join(found)


def python_check(name: str, *arguments: object) -> tuple[bool, str]:
    return run(sys.executable, TOOLS / f"{name}.py", *arguments)


def ruff() -> tuple[bool, str]:
    style, messages = run(sys.executable, "-m", "ruff", "check", "--quiet")
    layout, unformatted = run(sys.executable, "-m", "ruff", "format", "--check", "--quiet")
    return style and layout, messages + unformatted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    everything = ["--all"] if arguments.all else []
    checks = {
        "clang-format": clang_format,
        "layers": lambda: python_check("check_layers"),
        "sizes": lambda: python_check("check_sizes"),
        "words": lambda: python_check("check_words"),
        "ruff": ruff,
        "header cost": lambda: python_check("check_header_cost", "--build", arguments.build, *everything),
        "clang-tidy": lambda: clang_tidy(ROOT / arguments.build, arguments.jobs, arguments.all),
    }
    failed = []
    for name, check in checks.items():
        start = time.monotonic()
        passed, output = check()
        print(f"{'ok  ' if passed else 'FAIL'} {name} ({time.monotonic() - start:.1f} s)", flush=True)
        if not passed:
            failed.append(name)
            print(output, flush=True)
    print(f"lint: {len(checks) - len(failed)} checks passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
