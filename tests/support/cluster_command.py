"""Starts, stops and shows a cluster on this machine: PostgreSQL, RabbitMQ, Redis, servers, workers, one address."""

import argparse
import sys

from cluster import Cluster
from rankloop_process import BINARY


def arguments():
    parser = argparse.ArgumentParser(prog="script/cluster", description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status"])
    parser.add_argument("--dir", default="build/cluster", help="where everything is kept (default: build/cluster)")
    parser.add_argument("--servers", type=int, default=2, help="servers of a new cluster (default: 2)")
    parser.add_argument("--workers", type=int, default=2, help="workers of a new cluster (default: 2)")
    return parser.parse_args()


def tell(cluster, folder):
    print(f"The cluster answers at     {cluster.url}\n"
          f"Servers of their own       {' '.join(server.url for server in cluster.servers)}\n"
          f"Metrics of workers         {' '.join(f'http://{each.host}:{each.port}/metrics' for each in cluster.workers)}\n"
          f"PostgreSQL                 {cluster.postgres.url}\n"
          f"RabbitMQ                   {cluster.rabbit.url}\n"
          f"Redis                      {cluster.redis.url}\n\n"
          f"Next: {BINARY} simulate traffic --url {cluster.url} --journeys 1000\n"
          f"Stop: script/cluster stop" + (f" --dir {folder}" if folder != "build/cluster" else ""))


def start(options):
    cluster = Cluster.load(options.dir)
    if cluster is None:
        cluster = Cluster(options.dir, options.servers, options.workers)
    elif (len(cluster.servers), len(cluster.workers)) != (options.servers, options.workers):
        print(f"{options.dir} already has {len(cluster.servers)} servers and {len(cluster.workers)} workers; "
              "stop it first to change that", file=sys.stderr)
        return 2
    cluster.start()
    tell(cluster, options.dir)
    return 0


def stop(options):
    cluster = Cluster.load(options.dir)
    if cluster is None or not any(each.running for each in cluster.processes().values()):
        print(f"No cluster runs in {options.dir}.")
        return 0
    cluster.stop()
    print(f"Stopped. Its data stays in {options.dir}; script/cluster start goes on with it.")
    return 0


def status(options):
    cluster = Cluster.load(options.dir)
    if cluster is None:
        print(f"No cluster runs in {options.dir}. script/cluster start starts one.")
        return 1
    processes = cluster.processes().items()
    for name, each in processes:
        print(f"{name:<12}{'process ' + str(each.pid) if each.running else 'NOT RUNNING'}")
    if all(each.running for _, each in processes):
        print()
        tell(cluster, options.dir)
        return 0
    print("\nscript/cluster start starts what does not run.")
    return 1


def main():
    options = arguments()
    if options.what == "start" and not BINARY.exists():
        print(f"{BINARY} is missing; build it with script/setup release", file=sys.stderr)
        return 1
    try:
        return {"start": start, "stop": stop, "status": status}[options.what](options)
    except AssertionError as fault:
        print(f"script/cluster: {fault}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
