"""What the program refuses to start with, and how it says so."""

import os
import shutil
import signal
import stat
import subprocess

import pytest

from guests import GUEST
from rankloop_process import BINARY, ROOT, Server, environment, run, wait_until
from terminal import Terminal

FLIGHTS = ROOT / "domain/flights.toml"


def refused(data_dir, *args, env=None):
    """The message of a server that must not start."""
    outcome = run("serve", "--data-dir", data_dir, *args, env=env, seconds=60)
    assert outcome.returncode != 0
    return outcome.stderr + outcome.stdout


def test_a_public_address_needs_a_token(tmp_path):
    message = refused(tmp_path, "--empty", "--listen", "0.0.0.0:0")
    assert "token" in message and "0.0.0.0:0" in message and "--insecure" in message


def test_with_a_token_requests_need_it(seeded_data):
    with Server("--workers", "0", "--listen", "0.0.0.0:0", env={"RANKLOOP_AUTH_TOKEN": "a-s3cret-of-16-letters"},
                copy_of=seeded_data) as server:
        with server.client() as client:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a-s3cret-of-16-letters"}):
                answer = client.get("/content/info", headers=headers)
                assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
                assert "token" in answer.json["detail"]
            assert client.get("/content/info", headers={"Authorization": "Bearer a-s3cret-of-16-letters"}).status == 200
            assert client.get("/health/live").status == 200
            assert client.get("/health/ready").status == 200
    assert "a-s3cret-of-16-letters" not in server.log


def test_a_second_server_on_the_same_data_is_refused(server):
    message = refused(server.data_dir, "--listen", "127.0.0.1:0")
    assert "PostgreSQL" in message and str(server.pid) in message and server.url in message


def test_what_it_keeps_is_for_its_user_alone(tmp_path):
    folder = tmp_path / "deeper" / "data"
    with Server("--empty", data_dir=folder):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == dict.fromkeys(["rankloop.db", "rankloop.db-wal", "rankloop.db-shm", "rankloop.lock"], 0o600)


def test_a_store_that_all_could_read_is_closed_to_others(seeded_data):
    server = Server(copy_of=seeded_data)
    (server.data_dir / "rankloop.db").chmod(0o644)
    with server:
        assert stat.S_IMODE((server.data_dir / "rankloop.db").stat().st_mode) == 0o640


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_it_drains_and_ends_when_it_is_told_to(seeded_data, number):
    with Server(copy_of=seeded_data) as server:
        server.process.send_signal(number)
        assert server.process.wait(40) == 0
        server._end()
    assert "draining" in server.log and "stopped" in server.log


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM])
def test_signals_that_mean_nothing_do_nothing(server, client, number):
    server.process.send_signal(number)
    assert client.get("/health/ready").status == 200


def test_nohup_is_respected(seeded_data):
    with Server(copy_of=seeded_data, wrapper=["nohup"]) as server, server.client() as client:
        server.process.send_signal(signal.SIGHUP)
        assert client.post("/inference/start?wait=20s", GUEST).json["status"] == "SUCCESS"
        assert client.get("/health/ready").status == 200
        assert "draining" not in server.log


def test_the_lock_file_names_the_server(server):
    assert server.url in (server.data_dir / "rankloop.lock").read_text()


def test_a_killed_server_does_not_block_the_next(seeded_data):
    with Server("--workers", "0", copy_of=seeded_data) as server:
        server.kill()
        server.start()
        with server.client() as client:
            assert client.get("/health/ready").status == 200


def test_an_unknown_setting_is_refused_with_a_suggestion(tmp_path):
    file = tmp_path / "rankloop.toml"
    file.write_text('listen = "127.0.0.1:0"\nworkes = 2\n')
    message = refused(tmp_path / "data", "--config", file)
    assert "workes" in message and "'workers'" in message and f"{file}:2" in message


@pytest.mark.parametrize("name, value, words", [
    ("RANKLOOP_WORKERS", "many", "whole number"), ("RANKLOOP_WORKERS", "65", "64"),
    ("RANKLOOP_HTTP_READ_TIMEOUT", "soon", "duration"), ("RANKLOOP_HTTP_MAX_BODY", "big", "size"),
    ("RANKLOOP_LOG_LEVEL", "loud", "warning"), ("RANKLOOP_LISTEN", "nowhere", "nowhere"),
    ("RANKLOOP_EMPTY", "perhaps", "true or false"), ("RANKLOOP_WORKRES", "2", "did you mean 'RANKLOOP_WORKERS'"),
    ("RANKLOOP_NONSENSE", "1", "there is no setting 'RANKLOOP_NONSENSE'"),
])
def test_a_bad_setting_is_refused_with_what_is_allowed(tmp_path, name, value, words):
    assert words in refused(tmp_path, env={name: value})


def test_bars_and_lines_of_the_log_do_not_share_a_row(tmp_path):
    command = [BINARY, "serve", "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0"]
    with Terminal(command, environment({"TERM": "xterm"}), columns=80) as shown:
        shown.until_text("guests ", 120)  # the first start has a bar and lines
        shown.process.send_signal(signal.SIGTERM)
        assert shown.ended(60) == 0
    rows = [row for line in shown.shown.decode().split("\n") for row in line.split("\r")]
    bars = [row for row in rows if " %  " in row]
    lines = [row for row in rows if "\x1b[32minfo" in row]
    assert bars and lines, rows
    assert not set(bars) & set(lines)
    assert all(len(row.replace("\x1b[K", "")) < 80 for row in bars), bars
    assert all(row.startswith("\x1b[K") for row in lines), lines


def test_settings_of_the_printed_sample_are_good(tmp_path):
    sample = run("config")
    assert sample.returncode == 0
    lines = [line.removeprefix("# ") if " = " in line else line for line in sample.stdout.splitlines()]
    settings = tmp_path / "rankloop.toml"
    settings.write_text("\n".join(lines))
    with Server("--config", settings, "--empty") as server, server.client() as client:
        assert client.get("/health/live").status == 200


def test_a_taken_port_is_refused(server, tmp_path):
    message = refused(tmp_path / "data", "--listen", f"127.0.0.1:{server.port}")
    assert f"cannot listen on 127.0.0.1:{server.port}" in message
    assert list(tmp_path.iterdir()) == []  # before anything is made for a server that cannot serve


def test_closed_standard_streams_are_no_harm(seeded_data, tmp_path):
    shutil.copy2(seeded_data / "rankloop.db", tmp_path)
    shell = f"exec '{BINARY}' serve --data-dir '{tmp_path}' --listen 127.0.0.1:0 <&- >&- 2>&-"
    process = subprocess.Popen(["sh", "-c", shell], env=environment())
    try:
        address = wait_until(lambda: "http" in (tmp_path / "rankloop.lock").read_text()
                             if (tmp_path / "rankloop.lock").exists() else False, what="the server")
        assert address
        assert [os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)] == ["/dev/null"] * 3
    finally:
        process.terminate()
        assert process.wait(40) == 0


@pytest.mark.parametrize("file", ["locations.toml", "flights.toml"])
def test_a_good_domain_file_is_summed_up(file):
    outcome = run("domain", "check", f"domain/{file}")
    assert outcome.returncode == 0
    assert f"the domain {file.removesuffix('.toml')} is good" in outcome.stdout


@pytest.mark.parametrize("old, new", [
    ('type = "int"', 'type = "integer"'), ('how = "equals"', 'how = "equal"'),
    ('must = "item.origin == request.origin"', 'must = "item.orign == request.origin"'),
    ('"nb_cnxs", "nonstop",', '"nb_cnx", "nonstop",'), ("[request]", "[request"),
])
def test_a_bad_domain_file_is_explained_with_its_lines(tmp_path, old, new):
    text = FLIGHTS.read_text()
    assert old in text
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace(old, new, 1))
    line = next(n for n, content in enumerate(bad.read_text().splitlines(), 1) if new in content)
    outcome = run("domain", "check", bad)
    assert outcome.returncode != 0
    assert f"{bad}:{line}:" in outcome.stdout + outcome.stderr
    assert f"{bad}:" in refused(tmp_path / "data", "--domain", bad, "--listen", "127.0.0.1:0")


def test_a_missing_domain_file_is_named(tmp_path):
    assert "no-such.toml" in refused(tmp_path, "--domain", "no-such.toml")
    assert run("domain", "check", "no-such.toml").returncode != 0


def test_a_worker_of_its_own_needs_postgresql():
    outcome = run("worker")
    assert outcome.returncode != 0
    assert "PostgreSQL" in outcome.stderr + outcome.stdout or "postgresql" in outcome.stderr + outcome.stdout


def test_an_empty_store_ranks_nothing():
    with Server("--empty") as server, server.client() as client:
        assert client.get("/content/info").json == {"locations": 0, "users": 0}
        assert client.get("/content/locations").json == []


@pytest.mark.parametrize("args", [["--help"], ["serve", "--help"], ["--version"], ["config"]])
def test_help_is_given(args):
    outcome = run(*args)
    assert outcome.returncode == 0 and outcome.stdout


def test_what_is_no_command_is_refused():
    outcome = run("sreve")
    assert outcome.returncode != 0
    assert "did you mean 'serve'" in outcome.stderr
