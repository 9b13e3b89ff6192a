"""The simulated guests of demo mode: who may have them, how they come, go and are counted."""

import pytest

from rankloop_process import ROOT, Server, run, wait_until


@pytest.fixture
def demo(seeded_data):
    with Server("--demo", copy_of=seeded_data) as server:
        yield server


def guests(client):
    return client.get("/simulate").json


def test_guests_come_pick_and_stop(demo):
    with demo.client() as client:
        before = guests(client)
        assert (before["available"], before["reason"], before["running"], before["journeys"]) == (True, None, False, 0)
        answer = client.post("/simulate/start", {"rate": 50})
        assert (answer.status, answer.json["running"], answer.json["rate"]) == (200, True, 50)
        seen = wait_until(lambda: (state := guests(client))["journeys"] >= 20 and state, what="the guests")
        assert seen["failed"] == 0 and seen["picked"] + seen["none"] == seen["journeys"]
        models = client.get("/models").json
        assert sum(model["counts"]["shown"] for model in models) >= seen["journeys"]

        stopped = client.post("/simulate/stop").json
        assert (stopped["running"], stopped["rate"]) == (False, 0)
        again = client.post("/simulate/start", {"rate": 20}).json
        assert again["journeys"] >= stopped["journeys"]  # they are counted on
        wait_until(lambda: guests(client)["journeys"] > again["journeys"], what="more guests")


def test_the_rate_is_changed_while_they_come(demo):
    with demo.client() as client:
        client.post("/simulate/start", {"rate": 0.1})
        assert client.post("/simulate/start", {"rate": 100}).json["rate"] == 100
        wait_until(lambda: guests(client)["journeys"] >= 20, what="guests at the new rate")


def test_guests_show_the_token(seeded_data):
    with Server("--demo", env={"RANKLOOP_AUTH_TOKEN": "a-secret-of-16-letters"}, copy_of=seeded_data) as server:
        with server.client(headers={"Authorization": "Bearer a-secret-of-16-letters"}) as client:
            client.post("/simulate/start", {"rate": 50})
            wait_until(lambda: guests(client)["journeys"] >= 3, what="the guests")


def test_a_server_stops_while_guests_come(demo):
    with demo.client() as client:
        client.post("/simulate/start", {"rate": 100})
        wait_until(lambda: guests(client)["journeys"] >= 5, what="the guests")
    demo.stop()
    assert "ERROR" not in demo.log


@pytest.mark.parametrize("body", [{}, {"rate": 0}, {"rate": 201}, {"rate": "5"}, {"rate": None}, []])
def test_a_wrong_rate_is_refused(demo, body):
    with demo.client() as client:
        assert client.post("/simulate/start", body).status == 422
        assert guests(client)["running"] is False


def test_without_demo_mode_nobody_comes(server):
    with server.client() as client:
        state = guests(client)
        assert state["available"] is False and "--demo" in state["reason"]
        answer = client.post("/simulate/start", {"rate": 5})
        assert answer.status == 403 and "--demo" in answer.json["detail"]
        assert client.post("/simulate/stop").json["running"] is False


def test_another_domain_has_no_guests(tmp_path):
    flights = ROOT / "domain/flights.toml"
    with Server("--demo", "--domain", flights, data_dir=tmp_path) as server, server.client() as client:
        assert guests(client)["available"] is False
        answer = client.post("/simulate/start", {"rate": 5})
        assert answer.status == 403 and "built-in" in answer.json["detail"]


def test_demo_mode_is_for_loopback_only(tmp_path):
    outcome = run("serve", "--demo", "--empty", "--data-dir", tmp_path, "--listen", "0.0.0.0:0",
                  env={"RANKLOOP_AUTH_TOKEN": "a-secret-of-16-letters"})
    assert outcome.returncode != 0
    assert "demo" in outcome.stderr and "127.0.0.1" in outcome.stderr
