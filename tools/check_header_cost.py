"""Every header compiles alone and costs its includers no more than its budget, in megabytes of preprocessed text.

Preprocessed size is the same on every machine and goes with compile time (about 0.3 s a megabyte here). Headers that
speak of tensors have the larger of the two budgets. By default the headers that changed and those that include them
are checked; --all takes every one. Headers that only tests include (test_*.h) may cost what they like.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

from project import ROOT, changed_files, files, report

DEFAULT_BUDGET = 4.0  # the standard library and <nlohmann/json.hpp>
TENSOR_BUDGET = 6.0  # also <ATen/core/Tensor.h>; <ATen/ATen.h> would be 12, <arrow/api.h> 3
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)


def compile_flags(build: pathlib.Path) -> list[str]:
    """Those of the first file in compile_commands.json, without what concerns that file."""
    command = shlex.split(json.loads((build / "compile_commands.json").read_text())[0]["command"])
    while "ccache" in command[0]:
        command.pop(0)
    return command[: command.index("-o")]


def included(header: pathlib.Path) -> set[str]:
    return set(INCLUDE.findall((ROOT / header).read_text()))


def with_includers(changed: list[pathlib.Path], headers: list[pathlib.Path]) -> list[pathlib.Path]:
    chosen = {str(path.relative_to("src")) for path in changed}
    while True:
        more = {str(h.relative_to("src")) for h in headers if included(h) & chosen} - chosen
        if not more:
            return [h for h in headers if str(h.relative_to("src")) in chosen]
        chosen |= more


def budget(header: pathlib.Path, headers: list[pathlib.Path]) -> float:
    """A header that reaches ATen/core/Tensor.h through our own headers has the larger budget."""
    ours = {str(h.relative_to("src")): h for h in headers}
    seen: set[str] = set()
    waiting = [str(header.relative_to("src"))]
    while waiting:
        name = waiting.pop()
        if name == "ATen/core/Tensor.h":
            return TENSOR_BUDGET
        if name in ours and name not in seen:
            seen.add(name)
            waiting += included(ours[name])
    return DEFAULT_BUDGET


def megabytes(header: pathlib.Path, flags: list[str], build: pathlib.Path) -> tuple[float, str]:
    """Preprocessed size, and the compiler's complaint if the header does not stand alone."""
    one = ["-x", "c++", "-include", str(ROOT / header), "/dev/null"]
    check = subprocess.run([*flags, "-fsyntax-only", *one], cwd=build, capture_output=True, text=True)
    text = subprocess.run([*flags, "-E", "-P", *one], cwd=build, capture_output=True).stdout
    return len(text) / 1e6, check.stderr if check.returncode else ""


def main() -> int:
    build = ROOT / (sys.argv[sys.argv.index("--build") + 1] if "--build" in sys.argv else "build/release")
    headers = [path for path in files("src/*.h") if not path.name.startswith("test_")]
    chosen = (
        headers
        if "--all" in sys.argv
        else with_includers([p for p in changed_files("src/*.h") if p in headers], headers)
    )
    flags = compile_flags(build)
    problems = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, (size, errors) in zip(chosen, pool.map(lambda h: megabytes(h, flags, build), chosen), strict=True):
            if "--verbose" in sys.argv:
                print(f"{size:6.2f} MB of {budget(header, headers)}  {header}")
            if errors:
                problems.append(f"{header} does not compile alone:\n{errors}")
            elif size > (limit := budget(header, headers)):
                problems.append(
                    f"{header}: {size:.1f} MB preprocessed; its budget is {limit} MB. Move includes to the .cpp"
                )
    return report("check_header_cost", problems)


if __name__ == "__main__":
    sys.exit(main())
