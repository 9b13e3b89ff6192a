"""Every command of the program: its help, its refusals, its completion in real shells, its manual page."""

import os
import shlex
import subprocess

import pytest

from rankloop_process import BINARY, ROOT, environment, run
from terminal import Terminal


def completed(*line):
    outcome = run("completion", "words", "--", *line)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.split()


def commands(*path):
    """The words of every command, depth first, the program itself included."""
    found = [path]
    words = completed(*path, "")
    # Below a command that takes arguments stand values, not commands.
    if "SUBCOMMAND" in run(*path, "--help").stdout:
        for word in words:
            if word != ":files":  # evaluate FILE, beside evaluate policy FILE
                found += commands(*path, word)
    return found


ALL = commands()


def test_there_are_the_commands_that_the_help_names():
    help_text = run("--help").stdout
    for path in ALL:
        if len(path) == 1:
            assert f"\n  {path[0]} " in help_text
    assert ("models", "promote") in ALL and ("top",) in ALL and len(ALL) > 20


@pytest.mark.parametrize("path", [*ALL, ("manual",), ("completion", "words")], ids=lambda path: " ".join(path) or "rankloop")
def test_help_has_an_example(path):
    outcome = run(*path, "--help")
    assert outcome.returncode == 0 and outcome.stderr == ""
    example = outcome.stdout.partition("Example")[2]
    assert "\n  rankloop " in example
    assert len(path) == 0 or f"rankloop {path[0]}" in example or f"rankloop {' '.join(path)}" in example


@pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "rankloop")
def test_a_wrong_option_is_refused_with_the_nearest(path):
    outcome = run(*path, "--hepl")
    assert outcome.returncode == 2 and outcome.stdout == ""
    assert "'--hepl'" in outcome.stderr and "did you mean '--help'?" in outcome.stderr


def bash(line, home):
    """What bash would complete at the end of the line, with the script as it is installed."""
    script = f"""
source <({shlex.quote(str(BINARY))} completion bash)
COMP_WORDS=({line}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_rankloop
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    outcome = subprocess.run(["bash", "--noprofile", "--norc", "-c", script], text=True, capture_output=True, cwd=home,
                             timeout=60, check=True,
                             env=environment({"PATH": f"{BINARY.parent}:{os.environ['PATH']}"}))
    return sorted(outcome.stdout.split("\n")[:-1])


def test_bash_completes_commands_options_and_values(tmp_path):
    (tmp_path / "train.tsv").write_text("")
    (tmp_path / "model").mkdir()
    assert bash("rankloop mo", tmp_path) == ["models"]
    assert bash("rankloop completion ''", tmp_path) == ["bash", "zsh"]
    assert bash("rankloop train --sco", tmp_path) == ["--scores"]
    assert bash("rankloop train --family ''", tmp_path) == ["factorization", "gbdt", "logistic", "mlp", "popularity", "random"]
    assert bash("rankloop train --family = m", tmp_path) == ["mlp"]
    assert bash("rankloop train --json --recipe ref", tmp_path) == ["reference"]
    assert bash("rankloop train --data t", tmp_path) == ["train.tsv"]
    assert bash("rankloop train --out ''", tmp_path) == ["model"]
    assert bash("rankloop evaluate t", tmp_path) == ["train.tsv"]


def test_bash_completes_the_models_of_a_running_server(server, tmp_path):
    assert bash(f"rankloop models show --url {server.url} ''", tmp_path) == ["1"]
    assert bash("rankloop models show --url http://127.0.0.1:1 ''", tmp_path) == [""]


def test_zsh_completes_at_the_keyboard(tmp_path):
    (tmp_path / "data.tsv").write_text("")
    env = environment({"PATH": f"{BINARY.parent}:{os.environ['PATH']}", "TERM": "xterm", "HOME": str(tmp_path),
                       "PS1": "ready> "})
    with Terminal(["zsh", "-f", "-i"], env, cwd=tmp_path) as shell:
        shell.until_text("ready> ")
        shell.type("preexec() { print -r -- \"typed[$1]\" }; autoload -Uz compinit; compinit -u -D\n")
        shell.type("source <(rankloop completion zsh); echo load''ed\n")
        shell.until_text("\nloaded")
        for typed, whole in (("rankloop dom\tch\td\t", "rankloop domain check data.tsv"),
                             ("rankloop train --family gb\t", "rankloop train --family gbdt"),
                             ("rankloop train --obj\tlist\t", "rankloop train --objective listwise")):
            shell.type(typed + "\n")
            shell.until_text(f"typed[{whole}")
        shell.type("exit 0\n")
        assert shell.ended() == 0


def test_the_manual_page_has_no_fault(tmp_path):
    page = tmp_path / "rankloop.1"
    page.write_text(run("manual").stdout)
    lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(page)], text=True, capture_output=True, check=False)
    assert lint.stdout == "" and lint.returncode == 0
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", str(page)], text=True, capture_output=True,
                           check=True, timeout=60, env={**os.environ, "MANWIDTH": "200", "MANPAGER": "cat"})
    assert shown.stderr == ""
    for path in ALL:
        if "SUBCOMMAND" not in run(*path, "--help").stdout:
            assert f"   {' '.join(path)}\n" in shown.stdout
    assert "random|popularity|logistic|mlp|gbdt" in shown.stdout


def test_popularity_names_the_column_that_is_missing(tmp_path):
    made = run("simulate", "data", "--guests", 20, "--out", tmp_path / "all.tsv", "--quiet")
    assert made.returncode == 0
    rows = [line.split("\t") for line in (tmp_path / "all.tsv").read_text().splitlines()]
    at = rows[0].index("location_id") if "location_id" in rows[0] else None
    kept = [[cell for number, cell in enumerate(row) if number != at] for row in rows]
    (tmp_path / "rows.tsv").write_text("".join("\t".join(row) + "\n" for row in kept))
    outcome = run("train", "--family", "popularity", "--data", tmp_path / "rows.tsv", "--out", tmp_path / "model")
    assert outcome.returncode == 2
    assert "rows.tsv:1: the column 'location_id' is missing" in outcome.stderr
    assert not (tmp_path / "model").exists()


def test_an_unknown_family_is_refused_with_those_there_are(tmp_path):
    outcome = run("train", "--family", "forest", "--data", ROOT / "README.md", "--out", tmp_path / "model")
    assert outcome.returncode == 2 and "forest" in outcome.stderr and "gbdt" in outcome.stderr
