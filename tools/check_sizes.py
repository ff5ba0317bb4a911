"""Functions and files stay short: no function over 60 lines, nine in ten under 30; no file over 400 lines.

What is longer today stands in tools/sizes.txt with its length, which may only fall: `--update` writes the file again
and refuses to let any number rise.
"""

import ast
import pathlib
import re
import sys

from project import ROOT, files, report

FUNCTION_LIMIT, USUAL_LIMIT, USUAL_SHARE, FILE_LIMIT = 60, 30, 0.9, 400
RATCHET = ROOT / "tools/sizes.txt"
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)
NOT_FUNCTION = re.compile(r"^\s*(namespace|struct|class|enum|union|extern|template\s*<[^{]*>\s*(struct|class))\b")


def blank(text: str) -> str:
    """Comments and literals as spaces (digit separators stay), so that braces and line numbers can be counted."""
    text = re.sub(r"(?<=\d)'(?=\d)", "0", text)
    return NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def cpp_functions(text: str) -> list[tuple[str, int]]:
    """(name, lines) of every function at namespace or class level; a lambda counts to the function around it."""
    code = blank(text)
    code = re.sub(
        r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.MULTILINE
    )
    found: list[tuple[str, int]] = []
    stack: list[tuple[bool, str, int]] = []  # is a function, name, position where its declaration starts
    start = 0
    for match in re.finditer(r"[{};]", code):
        token, at = match.group(), match.start()
        if token == "{":
            head = code[start:at]
            inside = any(is_function for is_function, _, _ in stack)
            is_function = not inside and "(" in head and not NOT_FUNCTION.match(head) and not re.search(r"=\s*$", head)
            name = re.search(r"([~\w:]+(?:\s*operator\S+)?)\s*\(", head)
            stack.append((is_function, name.group(1) if name else "?", start + len(head) - len(head.lstrip())))
        elif token == "}" and stack:
            is_function, name, begin = stack.pop()
            if is_function:
                found.append((name, code.count("\n", begin, at) + 1))
        start = at + 1
    return found


def python_functions(text: str) -> list[tuple[str, int]]:
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions]


def measure() -> tuple[dict[str, int], list[int]]:
    """What is over a limit (name -> lines), and the length of every function."""
    over: dict[str, int] = {}
    lengths: list[int] = []
    for path in files("*.h", "*.cpp", "*.py", "*.ts", "*.js", "*.css"):
        text = (ROOT / path).read_text()
        if (lines := text.count("\n")) > FILE_LIMIT:
            over[str(path)] = lines
        read = {".h": cpp_functions, ".cpp": cpp_functions, ".py": python_functions}.get(path.suffix, lambda _: [])
        for name, length in read(text):
            lengths.append(length)
            if length > FUNCTION_LIMIT:
                over[f"{path}:{name}"] = max(length, over.get(f"{path}:{name}", 0))
    return over, lengths


def read_ratchet(path: pathlib.Path = RATCHET) -> dict[str, int]:
    if not path.exists():
        return {}
    return {name: int(lines) for name, lines in (line.rsplit(" ", 1) for line in path.read_text().splitlines())}


def compare(over: dict[str, int], lengths: list[int], allowed: dict[str, int]) -> list[str]:
    problems = []
    for name, lines in over.items():
        limit = allowed.get(name, FUNCTION_LIMIT if ":" in name else FILE_LIMIT)
        if lines > limit:
            problems.append(f"{name}: {lines} lines; {limit} are allowed")
    short = sum(length < USUAL_LIMIT for length in lengths)
    if lengths and short < USUAL_SHARE * len(lengths):
        problems.append(
            f"only {short} of {len(lengths)} functions are under {USUAL_LIMIT} lines; nine in ten should be"
        )
    return problems


def main() -> int:
    over, lengths = measure()
    allowed = read_ratchet()
    problems = compare(over, lengths, allowed)
    if "--update" in sys.argv and not problems:
        RATCHET.write_text("".join(f"{name} {lines}\n" for name, lines in sorted(over.items())))
    return report("check_sizes", problems)


if __name__ == "__main__":
    sys.exit(main())
