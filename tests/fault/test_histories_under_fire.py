"""What was known to a ranking is known for ever: ten thousand rankings with feedback beside them, restarts and kills, on one
machine and over several processes, and each is computed again with the same bits."""

import threading

from cluster import Cluster
from history_shop import DOMAIN, check, opened, visits
from process import shared_folder
from rankloop_process import Server, wait_until


def guests(client_of, number, journeys, seed, people=500, tasks=None):
    """Threads of guests, started; what they were told goes to `tasks`."""
    threads = [threading.Thread(target=visits, args=(client_of, people, journeys, 100 * seed + guest, tasks))
               for guest in range(number)]
    for thread in threads:
        thread.start()
    return threads


def ended(threads):
    for thread in threads:
        thread.join()


def test_ten_thousand_rankings_are_computed_again_bit_by_bit(tmp_path):
    domain = tmp_path / "shop.toml"
    domain.write_text(DOMAIN)
    settings = {"RANKLOOP_WORKERS": "4", "RANKLOOP_LOG_LEVEL": "warning", "RANKLOOP_MEMORY_HISTORIES": "1MB"}
    with Server("--domain", domain, "--empty", env=settings) as server:
        with server.client() as client:
            opened(client)
        tasks = []
        for life in range(7):
            threads = guests(server.client, 6, 260, life, tasks=tasks)
            if life % 2 == 1:
                threads[0].join(2)
                server.kill()
            ended(threads)
            if life % 2 == 0:
                server.stop()
            server.start()
        while len(tasks) < 10_000:
            ended(guests(server.client, 6, 200, len(tasks), tasks=tasks))
        server.stop()
        done, told = check(server.data_dir, domain)
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert told["checked"] >= 10_000 and told["differ"] == 0, told


def test_every_process_of_a_cluster_knows_the_same(tmp_path):
    domain = tmp_path / "shop.toml"
    domain.write_text(DOMAIN)
    settings = {"RANKLOOP_DOMAIN": str(domain), "RANKLOOP_EMPTY": "true", "RANKLOOP_LOG_LEVEL": "warning"}
    with shared_folder() as folder, Cluster(folder, settings=settings, durable=False, results=False) as cluster:
        with cluster.client() as client:
            opened(client)
        wait_until(lambda: all(things(each) == 40 for each in cluster.servers), 30, "the catalog at each server")
        ended(guests(cluster.client, 6, 80, 1, people=12))
        threads = guests(cluster.client, 6, 80, 2, people=12)
        threads[0].join(1)
        cluster.workers[0].kill()
        cluster.servers[0].kill()
        ended(threads)
        cluster.workers[0].start()
        cluster.servers[0].start()
        ended(guests(cluster.client, 6, 80, 3, people=12))
        with cluster.workers[0].client() as client:
            wait_until(lambda: behind(client) == 0, 10, "a worker that has followed the ledger")
        for each in [*cluster.workers, *cluster.servers]:
            each.stop()
        done, told = check(tmp_path / "nothing", domain, env=cluster.settings())
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert told["checked"] > 800 and told["differ"] == 0, told


def things(server):
    with server.client() as client:
        return client.get("/content/info").json["things"]


def behind(client):
    """Positions of the ledger that a process has not folded yet."""
    line = next(line for line in client.get("/metrics").text.splitlines() if line.startswith("rankloop_history_behind"))
    return float(line.split()[-1])
