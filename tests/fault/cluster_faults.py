"""What goes wrong in a cluster: one function a fault. Each takes the cluster and a source of chance, does the damage,
undoes it where the world would (a machine comes back, a broker is restarted), and answers what it did in words."""

import contextlib
import time

import amqp

from rankloop_process import wait_until

QUEUES = ("celery", "celery.training")
OUTAGE_SECONDS = 10  # several times what the settings of the campaign call long
LEASE_SECONDS = 2
HALT_SECONDS = 6


def kill_server(cluster, chance):
    server = chance.choice(cluster.servers)
    server.kill()
    server.start()
    return f"kill -9 {server.name}"


def kill_worker(cluster, chance):
    worker = chance.choice(cluster.workers)
    worker.kill()
    worker.start()
    return f"kill -9 {worker.name}"


def kill_every_worker(cluster, chance):
    for worker in chance.sample(cluster.workers, len(cluster.workers)):
        worker.kill()
    for worker in cluster.workers:
        worker.start()
    return "kill -9 all workers"


def kill_rabbitmq(cluster, _):
    cluster.rabbit.kill()
    cluster.rabbit.start()
    return "kill -9 RabbitMQ"


def kill_postgresql(cluster, _):
    cluster.postgres.kill()
    cluster.postgres.start()
    return "kill -9 PostgreSQL"


def broker_outage(cluster, _):
    cluster.rabbit.kill()
    time.sleep(OUTAGE_SECONDS)  # the outage itself, not a wait for something
    cluster.rabbit.start()
    return f"RabbitMQ away for {OUTAGE_SECONDS} s"


def halt_worker(cluster, chance):
    """Longer than a lease: when it goes on, its tasks belong to others."""
    worker = chance.choice(cluster.workers)
    worker.pause()
    try:
        time.sleep(LEASE_SECONDS * 2.5)
    finally:
        worker.resume()
    return f"{worker.name} halted beyond its leases"


def halt_server(cluster, chance):
    """For as long as the preset settings let it keep others waiting, and more."""
    server = chance.choice(cluster.servers)
    server.pause()
    try:
        time.sleep(HALT_SECONDS)
    finally:
        server.resume()
    return f"{server.name} halted for {HALT_SECONDS} s"


def drop_database_connections(cluster, _):
    count = cluster.postgres.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                   "WHERE datname = 'rankloop' AND pid <> pg_backend_pid()")[0][0]
    return f"{count} connections of PostgreSQL ended"


def purge_queues(cluster, _):
    purged = sum(each_queue(cluster, lambda channel, queue: channel.queue_purge(queue)))
    return f"queues purged, {purged} messages"


def delete_queues(cluster, _):
    deleted = sum(each_queue(cluster, lambda channel, queue: channel.queue_delete(queue)))
    return f"queues deleted, {deleted} messages"


def each_queue(cluster, act):
    """What an act on each queue answers; queues that are not there are left out."""
    answers = []
    with cluster.rabbit.connect() as connection:
        for queue in QUEUES:
            with contextlib.suppress(amqp.exceptions.NotFound):
                answers.append(act(connection.channel(), queue) or 0)
    return answers


def repeat_messages(cluster, chance):
    """With the workers halted, takes what waits and puts it back five times, in any order."""
    wait_until(lambda: is_declared(cluster, "celery"), 30, "the queue, which an earlier fault may have deleted")
    for worker in cluster.workers:
        worker.pause()
    try:
        repeated = take_and_repeat(cluster, chance, 5)
    finally:
        for worker in cluster.workers:
            worker.resume()
    return f"{repeated} messages delivered five times, out of order"


def is_declared(cluster, queue):
    with cluster.rabbit.connect() as connection:
        try:
            connection.channel().queue_declare(queue, passive=True)
        except amqp.exceptions.NotFound:
            return False
        return True


def take_and_repeat(cluster, chance, times):
    """Answers how many messages were repeated."""
    with cluster.rabbit.connect() as connection:
        channel = connection.channel()
        taken = take_all(channel, "celery")
        publish(channel, "celery", taken * times, chance)
    return len(taken)


def take_all(channel, queue):
    taken = []
    while (message := channel.basic_get(queue)) is not None:
        taken.append(message)
        channel.basic_ack(message.delivery_tag)
    return taken


def publish(channel, queue, messages, chance):
    messages = list(messages)
    chance.shuffle(messages)
    for message in messages:
        properties = dict(message.properties)
        channel.basic_publish_confirm(amqp.Message(message.body, channel, **properties), routing_key=queue)


# In the order of a campaign's round; together they are every fault that a cluster is promised to survive.
FAULTS = (kill_server, kill_worker, kill_rabbitmq, kill_postgresql, repeat_messages, purge_queues, delete_queues,
          halt_worker, halt_server, drop_database_connections, kill_every_worker, broker_outage)
