"""Words that do not belong in the project: postponed work, paths of one machine, addresses that are not documentation.

Nothing is ever fetched from an address in the project; the ones that stand in it are references for readers, or names
of formats, and their hosts are listed here.
"""

import re
import sys

from project import ROOT, files, report

WORDS = {
    r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b": "postponed work: do it, or say in the text what does not exist",
    r"(?<![\w.])/(home|root|work|opt|Users)/\w": "a path of one machine",
    r"^(<{7}|>{7}) ": "a merge conflict",
}
ADDRESS = re.compile(r"https?://([\w.-]+)")
HOSTS = {"www.apache.org", "www.w3.org", "doi.org", "vega.github.io", "localhost", "127.0.0.1"}
LOCK_FILES = ("package-lock.json",)  # npm lists there where authors take donations; what counts is `resolved`


def check_text(name: str, text: str) -> list[str]:
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, reason in WORDS.items():
            if match := re.search(pattern, line):
                problems.append(f"{name}:{number}: `{match.group()}`: {reason}")
        if name.endswith(LOCK_FILES) and '"resolved"' not in line:
            continue
        for host in ADDRESS.findall(line):
            if host not in HOSTS:
                problems.append(f"{name}:{number}: {host} is not among the hosts that tools/check_words.py lists")
    return problems


def main() -> int:
    problems = []
    for path in files():
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue  # an image or data
        problems += check_text(str(path), text)
    return report("check_words", problems)


if __name__ == "__main__":
    sys.exit(main())
