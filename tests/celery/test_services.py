"""What the other tests stand on: the services keep what they were given over kills and restarts."""

import amqp
import psycopg
import pytest
import redis

from backing_services import Postgres, Rabbit, Redis
from process import alive, family, shared_folder, state
from rankloop_process import wait_until


@pytest.fixture(scope="module")
def postgres():
    with shared_folder() as folder, Postgres(folder / "postgres") as server:
        yield server


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory):
    with Rabbit(tmp_path_factory.mktemp("rabbitmq")) as server:
        yield server


def test_postgres_keeps_what_was_committed_when_killed(postgres):
    assert postgres.query("SHOW synchronous_commit") == [("on",)]
    postgres.query("CREATE TABLE kept (n int)")
    postgres.query("INSERT INTO kept SELECT generate_series(1, 1000)")
    everyone = family(postgres.pid)
    postgres.kill()
    assert not any(map(alive, everyone))
    postgres.start()
    assert postgres.query("SELECT count(*), sum(n) FROM kept") == [(1000, 500500)]


def test_postgres_needs_the_password(postgres):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url.replace(postgres.password, "wrong"))


def test_rabbit_keeps_durable_messages_when_killed(rabbit):
    with rabbit.connect() as connection:
        channel = connection.channel()
        channel.queue_declare("kept", durable=True, auto_delete=False)
    rabbit.stop()  # RabbitMQ promises to keep what it has confirmed, but not a queue that was declared just now
    rabbit.start()
    with rabbit.connect() as connection:
        channel = connection.channel()
        for number in range(5):
            channel.basic_publish_confirm(amqp.Message(str(number), delivery_mode=2), routing_key="kept")
    rabbit.kill()
    rabbit.start()
    assert rabbit.waiting("kept") == 5
    assert rabbit.waiting("never declared") is None


def test_a_halted_service_answers_nobody_until_it_goes_on(tmp_path):
    with Redis(tmp_path) as server:
        server.pause()
        assert {state(pid) for pid in family(server.pid)} == {"T"}
        with pytest.raises(redis.TimeoutError), redis.Redis(port=server.port, socket_timeout=0.2) as client:
            client.ping()
        server.resume()
        wait_until(server.ready, what="an answer")
