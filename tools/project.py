"""What the checks share: the project's files, those that changed, and how a check reports."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def git(*arguments: str) -> list[str]:
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return result.stdout.splitlines() if result.returncode == 0 else []


def files(*patterns: str) -> list[pathlib.Path]:
    """Tracked and new files that git does not ignore, relative to the root."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns)
    return sorted(pathlib.Path(name) for name in set(listed) if (ROOT / name).is_file())


def base_commit() -> str:
    """Where the work began: LOADSTONE_BASE, else the fork from main, else the commit before the newest."""
    if base := os.environ.get("LOADSTONE_BASE"):
        return base
    head = git("rev-parse", "HEAD")
    for main in ("origin/main", "main"):
        fork = git("merge-base", "HEAD", main)
        if fork and fork != head:
            return fork[0]
    return (git("rev-parse", "--verify", "HEAD~1") or [""])[0]


def changed_files(*patterns: str) -> list[pathlib.Path]:
    """Files that differ from base_commit(), those of the working tree included; all of them if there is no base."""
    base = base_commit()
    if not base:
        return files(*patterns)
    changed = set(git("diff", "--name-only", base)) | set(git("ls-files", "--others", "--exclude-standard"))
    return [path for path in files(*patterns) if str(path) in changed]


def report(check: str, problems: list[str]) -> int:
    """Prints the problems; the exit status of the check."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{check}: {len(problems)} problem{'s' if len(problems) > 1 else ''}", file=sys.stderr)
    return 1 if problems else 0
