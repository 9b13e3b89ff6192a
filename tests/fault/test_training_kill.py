"""A training that is killed, stopped or out of space: it ends once, and a champion is always there."""

import contextlib
import random
import resource
import signal
import sqlite3
import time

import pytest

from guest_load import guest
from learning import QUICK, champion, ended, history, models, promoted, start_training, trained, training
from rankloop_process import Server, wait_until

KILLS = 9


@pytest.fixture(scope="module")
def champion_data(evidence_data, tmp_path_factory):
    """Data with a popularity champion, model 1."""
    folder = tmp_path_factory.mktemp("champion")
    with Server(data_dir=folder, env=QUICK, copy_of=evidence_data) as server:
        with server.client() as client:
            promoted(client, trained(client, family="popularity", promote="manual"))
        server.stop()
    return folder


@pytest.fixture
def trainer(champion_data, tmp_path):
    """A server that is not started yet."""
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(data_dir=folder, env=QUICK, copy_of=champion_data)
    yield server
    if server.running:
        server.kill()


def answer_of(client, number):
    answer = client.post("/inference/start?wait=20s", guest(number)).json
    assert answer["status"] == "SUCCESS" and len(answer["results"]) == 10
    return answer["task_id"]


def check_file(server):
    """Every model of a stopped store is whole, has its history and its artefact, and one of them is champion."""
    with contextlib.closing(sqlite3.connect(f"file:{server.data_dir}/rankloop.db?mode=ro", uri=True)) as database:
        def one(sql):
            return database.execute(sql).fetchone()[0]

        assert one("PRAGMA integrity_check") == "ok"
        assert one("SELECT count(*) FROM models WHERE champion = 1") == 1
        assert one("SELECT total(share) FROM models") == 1
        assert one("SELECT count(*) FROM models WHERE artefact_hash NOT IN (SELECT hash FROM artefacts)") == 0
        assert one("SELECT count(*) FROM models WHERE id NOT IN (SELECT model_id FROM model_history)") == 0
        assert one("SELECT count(*) FROM models WHERE json_valid(lineage) = 0 OR json_valid(metrics) = 0") == 0
        succeeded = one("SELECT count(*) FROM tasks WHERE kind = 1 AND state = 3")
        assert one("SELECT count(*) FROM models") == succeeded
        assert one("SELECT count(*) FROM tasks WHERE kind = 1 AND state <> 3") == 0


def test_a_killed_training_makes_one_model(trainer):
    moments = random.Random(20261123)
    trainer.start()
    with trainer.client() as client:
        began = time.monotonic()
        trained(client, family="gbdt")
        usual = time.monotonic() - began
    in_the_middle = 0
    for kill in range(KILLS):
        with trainer.client() as client:
            before = [row["model_id"] for row in models(client)]
            task = start_training(client, family=("gbdt", "logistic", "mlp")[kill % 3])
        time.sleep(usual * moments.random() * (1.2 if kill % 3 == 0 else 0.4))  # any moment will do
        trainer.kill()
        trainer.start()
        with trainer.client() as client:
            seen = [row["model_id"] for row in models(client)]
            in_the_middle += seen == before
            status = ended(client, task)
            assert status["status"] == "SUCCESS", status
            assert [row["model_id"] for row in models(client)] == [*before, status["model_id"]]
            assert seen in (before, [*before, status["model_id"]])
            assert champion(client) is not None
            assert [event["model_id"] for event in history(client)].count(status["model_id"]) == 1
            answer_of(client, kill)
    trainer.stop()
    check_file(trainer)
    assert in_the_middle > 0, "no kill came before a training had ended"
    print(f"\n{KILLS} kills, {in_the_middle} of them in the middle of a training of {usual:.2f} s")


def test_a_training_that_waits_outlives_kills(trainer):
    trainer.start("--workers", "0")
    with trainer.client() as client:
        task = start_training(client, family="logistic")
    for _ in range(3):
        trainer.kill()
        trainer.start("--workers", "0")
        with trainer.client() as client:
            assert training(client, task)["status"] in ("PENDING", "RETRY")
            assert client.post("/train/start").status == 409
    trainer.kill()
    trainer.start()
    with trainer.client() as client:
        assert ended(client, task)["status"] == "SUCCESS"
        assert len(models(client)) == 2
    trainer.stop()
    check_file(trainer)


def cancelled_while_running(client):
    """A training that was cancelled after it began; those that were quicker than the cancellation are done."""
    for _ in range(20):
        task = start_training(client, family="gbdt")
        wait_until(lambda: training(client, task)["status"] != "PENDING", what="the start")
        if client.post(f"/train/cancel/{task}").status == 200:
            return task
    raise AssertionError("20 trainings ended before they could be cancelled")


def test_a_cancelled_training_stays_cancelled(trainer):
    trainer.start()
    with trainer.client() as client:
        task = cancelled_while_running(client)
        before = models(client)
    trainer.kill()
    trainer.start()
    with trainer.client() as client:
        assert training(client, task)["status"] == "REVOKED"
        assert models(client) == before
        added = ended(client, start_training(client, family="random"))["model_id"]
        assert [row["model_id"] for row in models(client)] == [*(row["model_id"] for row in before), added]
    trainer.stop()


def test_a_drain_gives_a_training_back_unharmed(trainer):
    trainer.start()
    with trainer.client() as client:
        task = start_training(client, family="gbdt")
        wait_until(lambda: training(client, task)["status"] == "STARTED", what="the start")
    began = time.monotonic()
    trainer.process.send_signal(signal.SIGTERM)
    assert trainer.process.wait(30) == 0
    took = time.monotonic() - began
    trainer._end()
    assert took < 20, "the drain took its whole grace"
    trainer.start()
    with trainer.client() as client:
        status = ended(client, task)
        assert (status["status"], status["model_id"]) == ("SUCCESS", 2)
        assert status["attempt"] == 1, "a drain is no attempt"
        assert len(models(client)) == 2
    trainer.stop()
    check_file(trainer)
    print(f"\ndrained in {took:.2f} s")


def test_a_full_disk_keeps_the_champion_and_loses_no_training(trainer):
    trainer.start()
    with trainer.client() as client:
        task = start_training(client, family="logistic")
        limit(trainer, 0)  # not a byte more
        wait_until(lambda: unwritable(client), what="the loss of the disk")
        # The model cannot be committed: it is kept and offered again, not trained again.
        wait_until(lambda: "could not be kept yet" in trainer.log, 60, what="the first offer")
        assert champion(client) == 1 and len(models(client)) == 1
        assert training(client, task)["status"] in ("STARTED", "PENDING", "RETRY")
        assert client.post("/train/start").status in (409, 503)
        assert client.post("/models/1/promote").status in (200, 503)
        limit(trainer, resource.RLIM_INFINITY)
        status = ended(client, task)
        assert (status["status"], status["model_id"]) == ("SUCCESS", 2), status
        assert len(models(client)) == 2
        answer_of(client, 1)
    trainer.stop()
    check_file(trainer)
    assert trainer.log.count("training begins") == 1


def limit(server, size):
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def unwritable(client):
    return client.get("/health/ready").status == 503 and client.post("/inference/start", guest(1)).status == 503
