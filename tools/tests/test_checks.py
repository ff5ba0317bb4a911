"""Each check finds what it is for, and nothing in a clean example."""

import pathlib

import check_header_cost
import check_layers
import check_sizes
import check_words
import compile_fails
import pytest
import run_tests

CMAKE = """
loadstone_module(core)
loadstone_module(data core)
loadstone_module(pricing core data)
loadstone_module(timing  core data)
"""


def layer_problems(name: str, text: str) -> list[str]:
    return check_layers.check_file(pathlib.PurePath(name), text, check_layers.read_modules(CMAKE).allowed)


def test_layers_accept_includes_that_point_down():
    text = '#pragma once\n#include <vector>\n#include "loadstone/core/date.h"\n#include "loadstone/data/panel.h"\n'
    assert layer_problems("src/loadstone/pricing/model.h", text) == []


@pytest.mark.parametrize(
    ("name", "include", "message"),
    [
        ("src/loadstone/core/a.cpp", '"loadstone/data/panel.h"', "core may not include data"),
        ("src/loadstone/pricing/a.cpp", '"loadstone/timing/a.h"', "pricing may not include timing"),
        ("src/loadstone/pricing/a.cpp", "<arrow/api.h>", "may stand only in"),
        ("src/loadstone/pricing/a.cpp", "<torch/torch.h>", "included nowhere"),
        ("src/loadstone/pricing/a.cpp", "<ATen/ATen.h>", "included nowhere"),
        ("src/loadstone/data/a.cpp", "<toml++/toml.h>", "may stand only in"),
        ("src/loadstone/data/a.cpp", "<CLI/CLI.hpp>", "may stand only in"),
        ("src/loadstone/data/a.cpp", '"panel.h"', "write"),
        ("src/loadstone/nowhere/a.cpp", "<vector>", "no loadstone_module(nowhere"),
    ],
)
def test_layers_refuse(name, include, message):
    problems = layer_problems(name, f"#include {include}\n")
    assert len(problems) == 1
    assert message in problems[0]


def test_arrow_headers_may_not_stand_in_a_header_of_data():
    assert layer_problems("src/loadstone/data/a.h", "#pragma once\n#include <arrow/api.h>\n")


def test_a_family_may_not_be_declared_to_use_another():
    problems = check_layers.read_modules(CMAKE + "loadstone_module(factors core pricing)\n").problems
    assert problems == ["CMakeLists.txt: family factors names family pricing; what both need moves down"]


def test_a_module_names_only_modules_before_it():
    assert check_layers.read_modules("loadstone_module(data core)\nloadstone_module(core)\n").problems


CPP = """\
#include <x>
#define BEGIN {
namespace n {
// a comment with { brace
const char* text = "{";
std::vector<int> table{f(1), f(2)};

struct Shape : Base {
  int area() const { return w * h; }
  void grow(
      int by) {
    auto twice = [&](int x) {
      return 2 * x;
    };
    w += twice(by);
  }
  int w = 0, h = 1'000;
};

template <class T>
T first(const std::vector<T>& v) {
  if (v.empty()) {
    return T{};
  }
  return v.front();
}
}  // namespace n
"""


def test_function_lengths_of_cpp():
    assert check_sizes.cpp_functions(CPP) == [("area", 1), ("grow", 7), ("first", 7)]


def test_sizes_refuse_growth_and_too_few_short_functions():
    over = {"a.cpp": 410, "b.cpp:f": 70}
    assert check_sizes.compare(over, [10], {"a.cpp": 410, "b.cpp:f": 70}) == []
    assert check_sizes.compare(over, [10], {"a.cpp": 409}) == [
        "a.cpp: 410 lines; 409 are allowed",
        "b.cpp:f: 70 lines; 60 are allowed",
    ]
    assert check_sizes.compare({}, [10] * 8 + [30] * 2, {}) == [
        "only 8 of 10 functions are under 30 lines; nine in ten should be"
    ]


# Written with a @ that is taken out again: as they stand, they would be found in this file, too.
@pytest.mark.parametrize(
    "line", ["// TO@DO later", "'/ho@me/somebody/data'", "see https:/@/packages.example.org/simple", "<<<<@<<< HEAD"]
)
def test_words_refuse(line):
    assert len(check_words.check_text("a.py", line.replace("@", ""))) == 1


def test_words_accept_relative_paths_and_references():
    assert (
        check_words.check_text("a.md", "See ../shared/data, /usr/include and https://doi.org/10.1093/rfs/hhaa009.")
        == []
    )


def test_words_look_in_lock_files_only_at_what_is_fetched():
    host = "https:/@/packages.example.org".replace("@", "")
    assert check_words.check_text("web/package-lock.json", f'"url": "{host}/fund"') == []
    assert len(check_words.check_text("web/package-lock.json", f'"resolved": "{host}/x.tgz"')) == 1


def test_header_budget_follows_includes_of_our_own(tmp_path, monkeypatch):
    monkeypatch.setattr(check_header_cost, "ROOT", tmp_path)
    for name, text in {"light": "<vector>", "tensor": "<ATen/core/Tensor.h>", "user": '"m/tensor.h"'}.items():
        path = tmp_path / f"src/m/{name}.h"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#pragma once\n#include {text}\n")
    headers = [pathlib.Path(f"src/m/{name}.h") for name in ("light", "tensor", "user")]
    budgets = [check_header_cost.budget(header, headers) for header in headers]
    assert budgets == [
        check_header_cost.DEFAULT_BUDGET,
        check_header_cost.TENSOR_BUDGET,
        check_header_cost.TENSOR_BUDGET,
    ]
    assert check_header_cost.with_includers([headers[1]], headers) == headers[1:]


def test_compile_fails_wants_the_stated_error(tmp_path):
    source = tmp_path / "a.cpp"
    source.write_text("#ifdef FAIL\nint f() { return nothing; }\n#endif\n")
    commands = tmp_path / "compile_commands.json"
    commands.write_text(f'[{{"directory": "{tmp_path}", "file": "{source}", "command": "g++ -c {source}"}}]')
    assert compile_fails.refused_as_expected(commands, str(source), "nothing.*not declared") == ""
    assert "another reason" in compile_fails.refused_as_expected(commands, str(source), "something else")
    source.write_text("int f();\n")
    assert "compiles with -DFAIL" in compile_fails.refused_as_expected(commands, str(source), ".*")


GTEST = """<testsuites><testsuite>
<testcase name="a" status="run" result="completed"/>
<testcase name="b" status="run" result="completed"><failure message="x"/></testcase>
<testcase name="c" status="run" result="skipped"><skipped message="no data"/></testcase>
</testsuite></testsuites>"""
CTEST = """<testsuite><testcase name="core" status="{core}"/><testcase name="script" status="{script}"/></testsuite>"""


def count(tmp_path: pathlib.Path, core: str, script: str, gtest: str = GTEST) -> str:
    (tmp_path / "core_tests.xml").write_text(gtest)
    (tmp_path / "ctest.xml").write_text(CTEST.format(core=core, script=script))
    return str(run_tests.count_ctest(tmp_path / "ctest.xml", tmp_path))


def test_every_case_of_a_test_program_counts(tmp_path):
    assert count(tmp_path, "fail", "run") == "2 passed, 1 failed, 1 skipped"
    assert count(tmp_path, "fail", "fail") == "1 passed, 2 failed, 1 skipped"


def test_a_crash_counts_as_a_failure(tmp_path):
    all_passed = GTEST.replace('<failure message="x"/>', "")
    assert count(tmp_path, "fail", "run", all_passed) == "1 passed, 1 failed"
    assert count(tmp_path, "run", "run", "<testsuites><unfinished>") == "1 passed, 1 failed"
    assert str(run_tests.count_ctest(tmp_path / "absent.xml", tmp_path)) == "0 passed, 1 failed"
