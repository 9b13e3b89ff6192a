"""rankloop on PostgreSQL and RabbitMQ: servers without workers, workers, and one address in front, on this machine.

Every process has a folder of its own under the cluster's, and a port that stays its own over kills and restarts. What
is running is written to cluster.json there, so that a later process can look after it or stop it.
"""

import concurrent.futures
import json
import os
import pathlib

from backing_services import Postgres, Rabbit, Redis
from process import LOOPBACK, Program, alive, answers, began, free_port, program
from rankloop_process import BINARY, Client, environment, wait_until

NGINX_SETTINGS = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream servers {{
{servers}
    {balance}
    keepalive 256;
  }}
  server {{
    listen {host}:{port};
    location / {{
      proxy_pass http://servers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 120s;
    }}
  }}
}}
"""


class Rankloop(Program):
    """A process of rankloop. `settings` are its variables, e.g. {"RANKLOOP_STORE": "postgresql://..."}."""

    start_seconds = 180  # the first start of a store trains its baseline

    def __init__(self, folder, name, settings, wrapper=()):
        super().__init__(folder)
        self.name = name
        self.settings = settings
        self.wrapper = list(wrapper)  # a command that runs it, such as one that enters a network namespace

    def environment(self):
        return environment({"RANKLOOP_DATA_DIR": str(self.folder), **self.settings})

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        return super().start()

    @property
    def text(self):
        """What it has logged, over all its starts."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class ClusterServer(Rankloop):
    """`rankloop serve --workers 0` on a port that it keeps."""

    host = LOOPBACK

    def __init__(self, *args, port=None, **options):
        super().__init__(*args, **options)
        self.port = port or free_port()

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def command(self):
        return [*self.wrapper, str(BINARY), "serve", "--workers", "0", "--listen", f"{self.host}:{self.port}"]

    def ready(self):
        if not answers(self.port):
            return False
        with self.client(seconds=5) as client:
            try:
                return client.get("/health/ready").status == 200
            except OSError:
                return False

    def client(self, **options):
        return Client(self.host, self.port, **options)


class ClusterWorker(Rankloop):
    """`rankloop worker`. It greets once it takes tasks, and listens on a port of its own, or nowhere."""

    host = LOOPBACK

    def __init__(self, *args, port=None, **options):
        super().__init__(*args, **options)
        self.port = port

    def launch(self):
        self.told = self.log.stat().st_size if self.log.exists() else 0  # by earlier starts
        super().launch()

    def command(self):
        listen = ["--listen", f"{self.host}:{self.port}"] if self.port else []
        return [*self.wrapper, str(BINARY), "worker", *listen]

    def client(self, **options):
        return Client(self.host, self.port, **options)

    def ready(self):
        return b"runs tasks" in self.log.read_bytes()[self.told:]


class Front(Program):
    """nginx before the servers: one address; requests in turn to each, or all of a client's connection to the same one;
    none to one that is away."""

    name = "front"
    host = LOOPBACK

    def __init__(self, folder, servers, port=None, affinity=False):
        super().__init__(folder)
        self.servers = servers
        self.balance = "hash $remote_addr$remote_port;" if affinity else ""
        self.port = port or free_port()

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def command(self):
        return [program("nginx"), "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"]

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        servers = "\n".join(f"    server {each.host}:{each.port} max_fails=1 fail_timeout=1s;" for each in self.servers)
        settings = NGINX_SETTINGS.format(servers=servers, balance=self.balance, host=self.host, port=self.port)
        (self.folder / "nginx.conf").write_text(settings, encoding="utf-8")
        return super().start()

    def ready(self):
        return answers(self.port)

    def client(self, **options):
        return Client(self.host, self.port, **options)


class Cluster:
    """All of it. `settings` go to every process of rankloop; `addresses` are where the services listen."""

    def __init__(self, folder, servers=2, workers=2, settings=None, addresses=(LOOPBACK,), durable=True,
                 broker=True, results=True):
        self.folder = pathlib.Path(folder).resolve()
        self.postgres = Postgres(self.folder / "postgres", addresses=addresses, durable=durable)
        self.rabbit = Rabbit(self.folder / "rabbitmq", addresses=addresses) if broker else None
        self.redis = Redis(self.folder / "redis") if broker and results else None
        self.own_settings = dict(settings or {})
        self.servers = [ClusterServer(self.folder / f"server-{number}", f"server-{number}", self.settings())
                        for number in range(1, servers + 1)]
        self.workers = [self.new_worker(number, port=free_port()) for number in range(1, workers + 1)]
        self.front = Front(self.folder / "front", self.servers)

    def settings(self, host=LOOPBACK):
        """The variables of a process that finds the services at `host`."""
        found = {"RANKLOOP_STORE": self.postgres.near_url if host == LOOPBACK else self.postgres.url_at(host)}
        if self.rabbit:
            found["RANKLOOP_QUEUE"] = self.rabbit.url_at(host)
        if self.redis and host == LOOPBACK:
            found["RANKLOOP_CELERY_RESULTS"] = self.redis.url
        return {**found, **self.own_settings}

    def new_worker(self, number, host=LOOPBACK, **options):
        """A further worker, not started and not among `workers`."""
        return ClusterWorker(self.folder / f"worker-{number}", f"worker-{number}", self.settings(host), **options)

    @property
    def services(self):
        return [each for each in (self.postgres, self.rabbit, self.redis) if each]

    @property
    def members(self):
        """Everything, in the order in which it starts."""
        return [*self.services, *self.servers, *self.workers, self.front]

    @property
    def url(self):
        return self.front.url

    def client(self, **options):
        return self.front.client(**options)

    def start(self):
        """Starts what does not run. The first server makes the store; the others find it made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # PostgreSQL may run as another user
        try:
            with concurrent.futures.ThreadPoolExecutor() as several:
                list(several.map(start_unless_running, self.services))
            for each in [*self.servers, *self.workers, self.front]:
                start_unless_running(each)
            self.wait_until_working()
        finally:
            self.save()
        return self

    def wait_until_working(self, seconds=60):
        """Until the address in front has an answer."""
        with self.client() as client:
            wait_until(lambda: client.get("/content/info").status == 200, seconds, "an answer of the cluster")

    def stop(self):
        """Ends everything in the opposite order; tells of the first that did not end by itself."""
        faults = []
        for each in reversed(self.members):
            try:
                each.stop()
            except AssertionError as fault:
                faults.append(str(fault))
        self.save()
        assert not faults, faults[0]

    def kill(self):
        for each in reversed(self.members):
            each.kill()

    def processes(self):
        """Name -> process; epmd belongs to RabbitMQ."""
        found = {each.name: each for each in self.members}
        if self.rabbit:
            found[self.rabbit.mapper.name] = self.rabbit.mapper
        return found

    def save(self):
        """Writes what a later process needs to look after this cluster. The file holds the passwords."""
        kept = {}
        for name, each in self.processes().items():
            kept[name] = {"port": getattr(each, "port", None), "password": getattr(each, "password", None)}
            if each.running:
                kept[name] |= {"pid": each.pid, "began": began(each.pid)}
        if self.rabbit:
            kept["rabbitmq"]["distribution"] = self.rabbit.distribution_port
        path = self.folder / "cluster.json"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"servers": len(self.servers), "workers": len(self.workers), "processes": kept}, file, indent=1)

    @classmethod
    def load(cls, folder):
        """The cluster that is or was in a folder; None where there never was one."""
        path = pathlib.Path(folder).resolve() / "cluster.json"
        if not path.exists():
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        cluster = cls(folder, kept["servers"], kept["workers"])
        processes = kept["processes"]
        for name, each in cluster.processes().items():
            each.port = processes[name]["port"]
            each.password = processes[name]["password"]
            pid = processes[name].get("pid")
            if pid and alive(pid) and began(pid) == processes[name]["began"]:
                each.pid = pid
        cluster.rabbit.distribution_port = processes["rabbitmq"]["distribution"]
        for each in [*cluster.servers, *cluster.workers]:
            each.settings = cluster.settings()
        return cluster

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()


def start_unless_running(each):
    if not each.running:
        each.start()
