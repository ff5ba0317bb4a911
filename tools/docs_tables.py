"""Writes the parameter tables of every model, table and data source, from the program's own descriptions.

usage: docs_tables.py PROGRAM OUTPUT.md
"""

import dataclasses
import pathlib
import re
import subprocess
import sys

LISTED = re.compile(r"^  (\w+) +\S")
PARAMETER = re.compile(r"^  (\S+) = (.*)\n      (.*) \((.*)\)$", re.MULTILINE)


@dataclasses.dataclass
class Topic:
    heading: str
    parameters: list[tuple[str, str, str, str]]  # name, default, help, kind

    def markdown(self) -> str:
        rows = [("parameter", "default", "what it is", "kind"), ("---",) * 4]
        rows += [(f"`{name}`", f"`{default}`", text, kind) for name, default, text, kind in self.parameters]
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
        return "\n".join([f"## {self.heading}", "", *(lines if self.parameters else ["Nothing to set."]), ""])


def names(listing: str) -> list[str]:
    return [match.group(1) for line in listing.splitlines() if (match := LISTED.match(line))]


def parse(text: str) -> Topic:
    """`NAME: title`, then `  parameter = default` and the line of help below it, for each."""
    topic = Topic(text.splitlines()[0], PARAMETER.findall(text))
    described = len(re.findall(r"^  \S+ = ", text, re.MULTILINE))
    if described != len(topic.parameters):
        raise ValueError(f"{topic.heading}: {described} parameters, {len(topic.parameters)} understood")
    return topic


def main() -> int:
    program, output = sys.argv[1], pathlib.Path(sys.argv[2])

    def ask(*arguments: str) -> str:
        return subprocess.run([program, "models", *arguments], capture_output=True, text=True, check=True).stdout

    topics = [parse(ask(name)) for name in names(ask())]
    head = "# Parameters\n\nWritten by `make docs-tables` from what `loadstone models NAME` prints.\n\n"
    output.write_text(head + "\n".join(topic.markdown() for topic in topics))
    return 0


if __name__ == "__main__":
    sys.exit(main())
