"""Include direction: a folder under src/loadstone includes itself and the folders its loadstone_module() line names.

Also: a module names only modules listed before it, and no family another family; headers of Arrow, toml++ and CLI11
stay where they belong; the whole of torch is included nowhere (22 s a file).
"""

import dataclasses
import pathlib
import re
import sys

from project import ROOT, files, report

FAMILIES = {"pricing", "timing", "factors", "embeddings", "forecasting"}
FORBIDDEN = {"torch/torch.h", "torch/all.h", "torch/extension.h", "ATen/ATen.h"}
# include prefix -> where it may stand
CONFINED = {
    "arrow/": re.compile(r"src/loadstone/(data|sources)/[^/]*\.cpp"),
    "parquet/": re.compile(r"src/loadstone/(data|sources)/[^/]*\.cpp"),
    "toml++/": re.compile(r"src/loadstone/experiment/[^/]*\.cpp"),
    "CLI/": re.compile(r"cli/[^/]*\.cpp"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


@dataclasses.dataclass
class Modules:
    allowed: dict[str, set[str]]
    problems: list[str]


def read_modules(cmake: str) -> Modules:
    allowed: dict[str, set[str]] = {}
    problems = []
    for line in re.findall(r"^loadstone_module\(([^)]*)\)", cmake, re.MULTILINE):
        name, *dependencies = line.split()
        for dependency in dependencies:
            if dependency not in allowed:
                problems.append(f"CMakeLists.txt: {name} names {dependency}, which is not listed before it")
            if name in FAMILIES and dependency in FAMILIES:
                problems.append(f"CMakeLists.txt: family {name} names family {dependency}; what both need moves down")
        allowed[name] = {name, *dependencies}
    return Modules(allowed, problems)


def check_file(path: pathlib.PurePath, text: str, allowed: dict[str, set[str]]) -> list[str]:
    module = path.parts[2] if path.parts[:2] == ("src", "loadstone") else None
    problems = []
    if module is not None and module not in allowed:
        problems.append(f"{path}: no loadstone_module({module} …) in CMakeLists.txt")
    if path.suffix == ".h" and not text.startswith("#pragma once\n"):
        problems.append(f"{path}: a header begins with #pragma once")
    for quote, header in INCLUDE.findall(text):
        if header in FORBIDDEN:
            problems.append(
                f"{path}: {header} is included nowhere; take <ATen/core/Tensor.h> and the <ATen/ops/…> used"
            )
        for prefix, place in CONFINED.items():
            if header.startswith(prefix) and not place.fullmatch(str(path)):
                problems.append(f"{path}: <{header}> may stand only in {place.pattern}")
        if quote == '"' and not header.startswith(("loadstone/", "cli/") if path.parts[0] == "cli" else "loadstone/"):
            problems.append(f'{path}: write "{header}" as its path from src/: "loadstone/…"')
        target = header.split("/")[1] if header.startswith("loadstone/") else None
        if module in allowed and target is not None and target not in allowed[module]:
            problems.append(f"{path}: {module} may not include {target} ({header}); it may include "
                            f"{', '.join(sorted(allowed[module]))}")  # fmt: skip
    return problems


def main() -> int:
    modules = read_modules((ROOT / "CMakeLists.txt").read_text())
    problems = modules.problems
    for path in files("src/*.h", "src/*.cpp", "cli/*", "tests/*.cpp", "tests/*.h", "bench/*.cpp"):
        if path.suffix in (".h", ".cpp"):
            problems += check_file(path, (ROOT / path).read_text(), modules.allowed)
    return report("check_layers", problems)


if __name__ == "__main__":
    sys.exit(main())
