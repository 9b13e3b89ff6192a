"""A cluster of real processes at load: whatever dies, is cut or is repeated, what was accepted is done, once."""

import contextlib
import random

import pytest

from cluster import Cluster
from cluster_campaign import SETTINGS, Campaign
from cluster_check import check_database, open_tasks
from cluster_faults import (FAULTS, delete_queues, each_queue, kill_postgresql, publish, purge_queues, take_all)
from guest_load import guest
from guests import start
from learning import QUICK, ended, import_history, past_requests, start_training
from network_namespace import HOST, NetworkNamespace
from process import LOOPBACK, shared_folder
from rankloop_process import wait_until

SEED = 20261123


@pytest.fixture(scope="module")
def cluster():
    with shared_folder() as folder, Cluster(folder, settings=SETTINGS, durable=False) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with cluster.client() as client:
        yield client


@contextlib.contextmanager
def workers_stopped(cluster):
    for worker in cluster.workers:
        worker.stop()
    yield
    for worker in cluster.workers:
        worker.start()


def started(client, count, first):
    return [start(client, guest(first + number)) for number in range(count)]


def assert_done(client, tasks):
    for task in tasks:
        answer = client.get(f"/inference/status/{task}?wait=30s")
        assert (answer.status, answer.json["status"]) == (200, "SUCCESS"), answer


def rankings_made(cluster):
    return cluster.postgres.query("SELECT count(*) FROM rankings")[0][0]


def test_everything_accepted_is_done_once_whatever_dies(cluster):
    campaign = Campaign(cluster, SEED)
    with campaign.load:
        for fault in campaign.chance.sample(FAULTS, len(FAULTS)):
            campaign.after(fault)
        campaign.journal.wait_for_answers(100)
    summary = campaign.finish()
    campaign.print_recoveries()
    print(summary)
    assert summary["keyed retries"] > 0, "no keyed request was ever sent twice"
    assert summary["picks"] > 0


def test_no_answer_is_taken_back_by_a_killed_database():
    """After a crash PostgreSQL gives the number of a transaction that was lost to another one: whether a commit was done
    whose answer never came must not be asked by it."""
    with shared_folder() as folder, Cluster(folder, settings=SETTINGS, durable=False, results=False) as cluster:
        campaign = Campaign(cluster, SEED, guests=32)
        with campaign.load:
            for _ in range(12):
                campaign.after(kill_postgresql)
        assert campaign.finish()["picks"] > 0


@pytest.mark.parametrize("lose", [purge_queues, delete_queues])
def test_tasks_are_announced_again_when_the_queue_has_lost_them(cluster, client, lose):
    with workers_stopped(cluster):
        tasks = started(client, 50, first=1_000)
        lose(cluster, random.Random(SEED))
    assert_done(client, tasks)


def test_hints_that_come_five_times_in_any_order_change_nothing(cluster, client):
    chance = random.Random(SEED)
    before = rankings_made(cluster)
    with workers_stopped(cluster), cluster.rabbit.connect() as connection:
        tasks = started(client, 100, first=2_000)
        wait_until(lambda: cluster.rabbit.waiting("celery") >= 100, what="the hints")
        channel = connection.channel()
        taken = take_all(channel, "celery")
        publish(channel, "celery", taken * 5, chance)
    assert_done(client, tasks)
    with cluster.rabbit.connect() as connection:  # and once more, long after
        publish(connection.channel(), "celery", taken * 5, chance)
    wait_until(lambda: cluster.rabbit.waiting("celery") == 0, what="the end of the repeated hints")
    assert open_tasks(cluster.postgres) == 0
    assert rankings_made(cluster) == before + len(tasks)
    check_database(cluster.postgres)


def test_requests_are_answered_while_the_broker_is_away(cluster, client):
    cluster.rabbit.kill()
    try:
        tasks = started(client, 50, first=3_000)
        assert_done(client, tasks)
    finally:
        cluster.rabbit.start()
    assert_done(client, started(client, 10, first=3_100))
    wait_until(lambda: len(each_queue(cluster, lambda channel, queue: 1)) == 2, what="the queues, declared again")


def test_a_worker_cut_off_from_the_database_changes_nothing_when_it_comes_back():
    settings = {**SETTINGS, **QUICK, "RANKLOOP_TRAINING_FAMILY": "mlp"}
    with NetworkNamespace() as network, shared_folder() as folder, \
         Cluster(folder, workers=0, settings=settings, addresses=(LOOPBACK, HOST), durable=False,
                 results=False) as cluster:
        cut_off = cluster.new_worker(1, HOST, wrapper=network.wrapper)
        with cluster.client() as client, cut_off:
            import_history(client, past_requests(2_000))
            task = start_training(client, family="mlp")
            wait_until(lambda: running(cluster, task), 30, "the beginning of the training")
            network.cut(cluster.postgres.port)
            [(fence, attempt)] = ledger(cluster, task)
            with cluster.new_worker(2):
                status = ended(client, task)
                assert status["status"] == "SUCCESS", status
                models = model_rows(cluster)
                network.heal()
                wait_until(lambda: still_works(client, cluster), what="an answer after the cut")
                assert_zombie_was_refused(cluster, task, fence, attempt, models)
            # Alone again: it has come back, and works.
            assert_done(client, started(client, 5, first=4_000))
            assert_zombie_was_refused(cluster, task, fence, attempt, models)
        check_database(cluster.postgres)


def ledger(cluster, task):
    return cluster.postgres.query("SELECT fence, attempt FROM tasks WHERE id = %s", task)


def running(cluster, task):
    return cluster.postgres.query("SELECT 1 FROM tasks WHERE id = %s AND state = 2", task) != []


def model_rows(cluster):
    return cluster.postgres.query("SELECT id, artefact_hash FROM models ORDER BY id")


def still_works(client, cluster):
    answer = client.post("/inference/start?wait=5s", guest(4_900))
    return answer.status == 200 and answer.json["status"] == "SUCCESS"


def assert_zombie_was_refused(cluster, task, fence, attempt, models):
    """One training, one model, and the fence of the second holder."""
    [(fence_now, attempt_now)] = ledger(cluster, task)
    assert fence_now > fence and attempt_now > attempt, (fence, fence_now, attempt, attempt_now)
    assert model_rows(cluster) == models
