"""A PostgreSQL that is there and answers nobody, as a frozen machine or a cut cable leaves it."""

import concurrent.futures
import time

import pytest

from backing_services import Postgres
from cluster import ClusterServer
from guest_load import guest
from process import shared_folder
from rankloop_process import wait_until

DEADLINE_SECONDS = 5  # store_deadline
BUSY_SECONDS = 25  # beside others that keep the machine busy; a hang would be without end
BACK_SECONDS = 5


@pytest.fixture(scope="module")
def postgres():
    with shared_folder() as folder, Postgres(folder / "postgres", durable=False) as postgres:
        yield postgres


@pytest.fixture
def server(postgres):
    with shared_folder() as folder:
        settings = {"RANKLOOP_STORE": postgres.url, "RANKLOOP_BASELINE": "false"}
        with ClusterServer(folder / "server", "server", settings) as server:
            yield server


def ask(server, method, path, body):
    began = time.monotonic()
    with server.client(seconds=60) as client:
        answer = client.post(path, body) if method == "POST" else client.get(path)
    return path, answer.status, time.monotonic() - began


def test_a_silent_database_costs_a_deadline_and_no_more(postgres, server):
    asked = [("POST", "/inference/start", guest(1)), ("POST", "/inference/start", guest(2)), ("GET", "/models", None),
             ("GET", "/health/ready", None), ("GET", "/tasks", None)] * 3
    postgres.pause()
    try:
        with concurrent.futures.ThreadPoolExecutor(len(asked)) as several:
            answers = list(several.map(lambda one: ask(server, *one), asked))
        for path, status, seconds in answers:
            assert status == 503 and seconds < DEADLINE_SECONDS + BUSY_SECONDS, answers
        assert ask(server, "GET", "/health/live", None)[1] == 200
        for one in asked[:3]:  # from now on everybody hears of it at once
            _, status, seconds = ask(server, *one)
            assert status == 503 and seconds < BUSY_SECONDS
    finally:
        postgres.resume()
    wait_until(lambda: ask(server, "POST", "/inference/start", guest(3))[1] == 200, BACK_SECONDS, "an answer")


def test_a_server_answers_soon_after_its_database_is_back(postgres, server):
    postgres.kill()
    time.sleep(3)  # the outage itself: every pause between attempts has grown to its longest
    assert ask(server, "POST", "/inference/start", guest(4))[1] == 503
    postgres.start()
    wait_until(lambda: ask(server, "POST", "/inference/start", guest(5))[1] == 200, 2 + BUSY_SECONDS, "an answer")
