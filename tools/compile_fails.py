"""Compiles a file with its own command from compile_commands.json plus -DFAIL, and expects an error that matches.

usage: compile_fails.py compile_commands.json FILE MESSAGE
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys


def refused_as_expected(commands: pathlib.Path, source: str, message: str) -> str:
    """Empty if the compiler refused the file for the stated reason; otherwise what went wrong."""
    entry = next((e for e in json.loads(commands.read_text()) if e["file"] == source), None)
    if entry is None:
        return f"{source} is not in {commands}"
    command = [*shlex.split(entry["command"]), "-DFAIL", "-fsyntax-only"]
    result = subprocess.run(command, cwd=entry["directory"], capture_output=True, text=True)
    if result.returncode == 0:
        return f"{source} compiles with -DFAIL: what it should rule out is possible"
    errors = "\n".join(line for line in result.stderr.splitlines() if "error:" in line)
    if not re.search(message, errors):
        return f"refused for another reason than `{message}`:\n{result.stderr}"
    return ""


if __name__ == "__main__":
    problem = refused_as_expected(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])
    sys.exit(problem or 0)
