"""The commands that README.md prints, for tests that run them as they stand there."""

import re

from rankloop_process import ROOT

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def section(title):
    """The text under the heading `## title`."""
    text = (ROOT / "README.md").read_text()
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def commands(title):
    """Every block of shell lines in a section."""
    return [text for language, text in _BLOCK.findall(section(title)) if language == "sh"]


def printed_answers(title):
    """Every block of a section that shows what is answered."""
    return [text for language, text in _BLOCK.findall(section(title)) if language in ("", "json")]


def command(title, beginning):
    """The one line of a section that begins so, without what follows a comment sign."""
    lines = [line for block in commands(title) for line in block.replace("\\\n", "").splitlines()]
    found = [line.split("   #")[0].split("  #")[0].strip() for line in lines if line.startswith(beginning)]
    assert len(found) == 1, f"{title!r} has {len(found)} lines that begin with {beginning!r}"
    return found[0]
