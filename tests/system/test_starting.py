"""What the program refuses to start with, and how it says so."""

import pytest

from rankloop_process import ROOT, Server, run

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
    ("RANKLOOP_EMPTY", "perhaps", "true or false"),
])
def test_a_bad_setting_is_refused_with_what_is_allowed(tmp_path, name, value, words):
    assert words in refused(tmp_path, env={name: value})


def test_settings_of_the_printed_sample_are_good(tmp_path):
    sample = run("config")
    assert sample.returncode == 0
    lines = [line.removeprefix("# ") if " = " in line else line for line in sample.stdout.splitlines()]
    settings = tmp_path / "rankloop.toml"
    settings.write_text("\n".join(lines))
    with Server("--config", settings, "--empty") as server, server.client() as client:
        assert client.get("/health/live").status == 200


def test_a_taken_port_is_refused(server, tmp_path):
    message = refused(tmp_path, "--empty", "--listen", f"127.0.0.1:{server.port}")
    assert str(server.port) in message


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
