"""`rankloop top`: on a terminal, without one, and as JSON."""

import json
import re
import signal
import subprocess

import pytest

from guests import finished, start
from rankloop_process import BINARY, Server, environment, run
from terminal import Terminal

AWAY = "http://127.0.0.1:1"  # nothing listens on the lowest port
TAKEN, GIVEN_BACK = b"\x1b[?1049h", b"\x1b[?1049l"


def terminal(url, *args, columns=100, rows=30, **variables):
    env = environment({"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables})
    return Terminal([BINARY, "top", "--url", url, "--interval", "200ms", *args], env, columns, rows)


def frames(shown):
    """What was drawn, screen by screen: lists of lines without ANSI sequences."""
    whole = shown.split(b"\x1b[H")[1:]
    # A terminal puts a carriage return before each line feed, whether there is one or not.
    return [re.split("\r+\n", re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", frame.decode("utf-8", "ignore")))
            for frame in whole]


def test_once_as_json_is_one_object(server):
    outcome = run("top", "--url", server.url, "--once", "--json", "--interval", "100ms")
    assert outcome.returncode == 0, outcome.stderr
    told = json.loads(outcome.stdout)
    assert told["url"] == server.url and told["domain"] == "locations"
    assert told["champion"]["family"] == "mlp" and told["champion"]["role"] == "champion"
    assert [model["model_id"] for model in told["models"]] == [told["champion"]["model_id"]]
    assert set(told["per_second"]) == {"requests", "scored", "shown", "picked"}
    assert told["tasks"]["failed"] == 0 and told["training_since"] is None


def test_its_own_looks_are_no_load(own_server):
    outcome = run("top", "--url", own_server.url, "--once", "--json", "--interval", "100ms")
    assert json.loads(outcome.stdout)["per_second"] == {"requests": 0, "scored": 0, "shown": 0, "picked": 0}


def test_waiting_tasks_have_an_age(idle_server):
    with idle_server.client() as client:
        start(client)
        waiting = len(client.get("/tasks?state=ready").json)
    told = json.loads(run("top", "--url", idle_server.url, "--once", "--json", "--interval", "100ms").stdout)
    assert waiting > 0 and told["tasks"]["waiting"] == waiting and told["tasks"]["oldest_seconds"] >= 0


def test_a_server_that_is_away_fails_once_and_is_waited_for_otherwise(seeded_data):
    outcome = run("top", "--url", AWAY, "--once")
    assert outcome.returncode == 1 and "cannot reach http://127.0.0.1:1" in outcome.stderr
    with Server(copy_of=seeded_data) as server:
        with terminal(server.url) as screen:
            screen.until_text("champion")
            server.stop()
            screen.until_text("trying again")
            server.start("--listen", f"{server.host}:{server.port}")
            drawn = len(frames(screen.shown))
            screen.until(lambda shown: any("trying again" not in "".join(frame) and "q quits" in frame[-1]
                                           for frame in frames(shown)[drawn:]))
            screen.type("q")
            assert screen.ended() == 0


def test_q_quits_and_gives_the_terminal_back(server):
    with terminal(server.url) as screen:
        screen.until_text("q quits")
        assert TAKEN in screen.shown and screen.mode_now() != screen.mode
        screen.type("q")
        assert screen.ended() == 0
        assert screen.shown.endswith(GIVEN_BACK) and screen.mode_now() == screen.mode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(server, number):
    with terminal(server.url) as screen:
        screen.until_text("q quits")
        screen.process.send_signal(number)
        assert screen.ended() == 0
        assert screen.shown.endswith(GIVEN_BACK) and screen.mode_now() == screen.mode


def test_it_follows_the_window(server):
    with terminal(server.url) as screen:
        screen.until_text("q quits")
        screen.resize(30, 8)
        drawn = len(frames(screen.shown))
        narrow = lambda frame: len(frame) <= 8 and all(len(line) <= 30 for line in frame) and "q quits" in frame[-1]
        screen.until(lambda shown: any(narrow(frame) for frame in frames(shown)[drawn:]))
        screen.type("q")
        assert screen.ended() == 0


def test_colours_go_with_no_color(server):
    colour = re.compile(rb"\x1b\[[0-9;]*m")
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with terminal(server.url, **variables) as screen:
            screen.until_text("q quits")
            screen.type("q")
            screen.ended()
            assert bool(colour.search(screen.shown)) == coloured


def test_without_a_terminal_it_prints_lines(own_server):
    process = subprocess.Popen([str(BINARY), "top", "--url", own_server.url, "--interval", "100ms"], text=True,
                               env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        lines = [process.stdout.readline()]
        with own_server.client() as client:
            finished(client)
        while "0.0 scored/s" in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1]
    finally:
        process.terminate()
        process.stdout.close()
    assert process.wait(20) == 0
    assert all(re.match(r"mlp 1: [\d.]+ requests/s, .* waiting, \d+ running, 0 failed", line) for line in lines)


@pytest.mark.parametrize("interval", ["0", "50ms", "soon", "-1s"])
def test_a_bad_interval_is_named(interval):
    outcome = run("top", f"--interval={interval}")
    assert outcome.returncode == 2 and f"'{interval}'" in outcome.stderr and "100ms" in outcome.stderr


def test_it_tells_where_the_time_of_a_task_goes(own_server):
    command = [str(BINARY), "top", "--url", own_server.url, "--json", "--interval", "100ms"]
    process = subprocess.Popen(command, text=True, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        told = json.loads(process.stdout.readline())
        with own_server.client() as client:
            finished(client)
        while told["seconds"]["task"]["p50"] is None:
            told = json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.stdout.close()
    assert process.wait(20) == 0
    assert all(told["seconds"][stage]["p99"] is not None for stage in ("wait", "score"))
