"""PostgreSQL, RabbitMQ and Redis from Debian's packages, each on a private port and in a private folder.

Nothing of the machine's own services is used or disturbed. A folder that is there already is started again as it is.
"""

import atexit
import contextlib
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

import amqp
import psycopg
import redis

from process import LOOPBACK, Program, answers, free_port, program
from rankloop_process import wait_until

POSTGRES_PROGRAMS = "/usr/lib/postgresql/15/bin"
RABBIT_PROGRAMS = "/usr/lib/rabbitmq/bin"

POSTGRES_SETTINGS = """
listen_addresses = '{addresses}'
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 256MB
max_wal_size = 4GB
log_min_messages = warning
password_encryption = 'scram-sha-256'
"""
ACCESS = """
local all all scram-sha-256
host all all 0.0.0.0/0 scram-sha-256
"""

POOLER_SETTINGS = """
[databases]
rankloop = host=127.0.0.1 port={server} user=rankloop password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 40
"""

RABBIT_SETTINGS = """
{listeners}
default_user = rankloop
default_pass = {password}
loopback_users = none
disk_free_limit.absolute = 50MB
log.file = false
log.console = true
log.console.level = warning
consumer_timeout = 1800000
"""


class Postgres(Program):
    """A PostgreSQL cluster of its own. `url` names the database rankloop with a user who owns it."""

    name = "postgres"
    user = "postgres"
    stop_signal = signal.SIGINT  # ends sessions, writes everything down
    pattern = None               # what initdb made, kept for this process: it takes seconds

    def __init__(self, folder, password=None, addresses=(LOOPBACK,), port=None, durable=True):
        super().__init__(folder)
        self.password = password or secrets.token_hex(8)
        self.addresses = addresses
        self.port = port or free_port()
        self.durable = durable
        self.data = self.folder / "data"

    @property
    def url(self):
        return self.url_at(LOOPBACK)

    @property
    def sockets(self):
        """The folder of its socket; None where its path would be longer than the system allows."""
        folder = self.folder.resolve()
        return folder if len(str(folder)) <= 80 else None

    @property
    def near_url(self):
        """For processes on the same machine: by its socket, which costs less than TCP."""
        return self.url_at(urllib.parse.quote(str(self.sockets), safe="") if self.sockets else LOOPBACK)

    def url_at(self, host, database="rankloop"):
        return f"postgresql://rankloop:{self.password}@{host}:{self.port}/{database}"

    def command(self):
        return [program("postgres", POSTGRES_PROGRAMS), "-D", str(self.data)]

    def start(self):
        if not (self.data / "PG_VERSION").exists():
            self.make()
        # After a kill its sessions end by themselves, and until then it would refuse to start.
        wait_until(lambda: not self.left_behind(), 30, "the end of the sessions of a killed PostgreSQL")
        return super().start()

    def left_behind(self):
        """Processes that still work in its folder."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "cwd") == str(self.data.resolve()):
                    found.append(int(process.name))
        return found

    def make(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.give(self.folder)
        if Postgres.pattern is None:
            Postgres.pattern = self.make_pattern()
        shutil.copytree(Postgres.pattern, self.data)
        settings = POSTGRES_SETTINGS.format(addresses=",".join(self.addresses), port=self.port,
                                            sockets=self.sockets or "")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(settings + ("" if self.durable else "fsync = off\n"))
        (self.data / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
        for path in [self.data, *self.data.rglob("*")]:
            self.give(path)
        self.make_database()

    def make_pattern(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="rankloop-initdb-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self.give(folder)
        done = subprocess.run([program("initdb", POSTGRES_PROGRAMS), "-D", folder / "data", "-U", "postgres", "-A",
                               "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], capture_output=True,
                              text=True, cwd=folder, check=False, **self.as_user())
        if done.returncode:
            raise AssertionError(f"initdb: {done.stdout}{done.stderr}")
        return folder / "data"

    def make_database(self):
        """Makes the user and the database before anybody can connect."""
        commands = (f"CREATE ROLE rankloop LOGIN SUPERUSER PASSWORD '{self.password}'\n"
                    "CREATE DATABASE rankloop OWNER rankloop\n")
        done = subprocess.run([program("postgres", POSTGRES_PROGRAMS), "--single", "-D", self.data, "postgres"],
                              input=commands, capture_output=True, text=True, cwd=self.folder, check=False,
                              **self.as_user())
        if done.returncode:
            raise AssertionError(f"postgres --single: {done.stderr}")

    def give(self, path):
        if os.geteuid() == 0:
            owner = pwd.getpwnam(self.user)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def ready(self):
        try:
            self.connect().close()
            return True
        except psycopg.OperationalError:
            return False

    def connect(self, **options):
        return psycopg.connect(self.url, autocommit=True, connect_timeout=2, **options)

    def query(self, sql, *values):
        """All rows of one statement, on a connection of its own."""
        with self.connect() as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def new_database(self, name):
        """A further, empty database; answers its URL."""
        self.query(f'CREATE DATABASE "{name}"')
        return self.url_at(LOOPBACK, name)


class PgBouncer(Program):
    """A connection pooler before a Postgres. `mode`: what it gives a server's connection to: session, transaction or
    statement."""

    name = "pgbouncer"
    user = "postgres"  # it refuses root

    def __init__(self, folder, postgres, mode, port=None):
        super().__init__(folder)
        self.postgres = postgres
        self.mode = mode
        self.port = port or free_port()

    @property
    def url(self):
        return f"postgresql://rankloop:any@{LOOPBACK}:{self.port}/rankloop"

    def command(self):
        return [program("pgbouncer"), str(self.folder / "pgbouncer.ini")]

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "pgbouncer.ini").write_text(POOLER_SETTINGS.format(
            mode=self.mode, port=self.port, server=self.postgres.port, password=self.postgres.password), encoding="utf-8")
        for path in (self.folder, self.folder / "pgbouncer.ini"):
            self.postgres.give(path)
        return super().start()

    def ready(self):
        return answers(self.port)


class PortMapper(Program):
    """epmd: Erlang's nodes find each other through it. RabbitMQ would start one that outlives it."""

    name = "epmd"

    def __init__(self, folder, port=None):
        super().__init__(folder)
        self.port = port or free_port()

    def command(self):
        return [program("epmd"), "-port", str(self.port), "-address", LOOPBACK]

    def ready(self):
        return answers(self.port)


class Rabbit(Program):
    """A RabbitMQ node of its own. `url` names its virtual host `/`, with a user who may do everything."""

    name = "rabbitmq"
    start_seconds = 120

    def __init__(self, folder, password=None, addresses=(LOOPBACK,), port=None):
        super().__init__(folder)
        self.password = password or secrets.token_hex(8)
        self.addresses = addresses
        self.port = port or free_port()
        self.distribution_port = free_port()
        self.mapper = PortMapper(folder)

    @property
    def url(self):
        return self.url_at(LOOPBACK)

    def url_at(self, host):
        return f"amqp://rankloop:{self.password}@{host}:{self.port}/"

    def command(self):
        return [program("rabbitmq-server", RABBIT_PROGRAMS)]

    def environment(self):
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")},
            "HOME": str(self.folder), "ERL_EPMD_PORT": str(self.mapper.port), "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"rankloop{self.port}@localhost", "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder), "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the server instead of waiting for it
        }

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "plugins").write_text("[].\n", encoding="utf-8")
        listeners = "\n".join(f"listeners.tcp.{number} = {address}:{self.port}"
                              for number, address in enumerate(self.addresses, 1))
        (self.folder / "rabbitmq.conf").write_text(
            RABBIT_SETTINGS.format(listeners=listeners, password=self.password), encoding="utf-8")
        if not self.mapper.running:
            self.mapper.start()
        return super().start()

    def stop(self):
        super().stop()
        self.mapper.stop()

    def kill(self):
        super().kill()
        self.mapper.kill()

    def ready(self):
        if not answers(self.port):
            return False
        try:
            with self.connect():
                return True
        except (OSError, amqp.exceptions.AMQPError):
            return False

    @contextlib.contextmanager
    def connect(self):
        """A connection of the plain AMQP client."""
        connection = amqp.Connection(host=f"{LOOPBACK}:{self.port}", userid="rankloop", password=self.password,
                                     connect_timeout=5, read_timeout=20, write_timeout=20)
        connection.connect()
        try:
            yield connection
        finally:
            with contextlib.suppress(OSError, amqp.exceptions.AMQPError):
                connection.close()

    def waiting(self, queue):
        """How many messages wait in a queue; None where there is none."""
        with self.connect() as connection:
            try:
                return connection.channel().queue_declare(queue, passive=True).message_count
            except amqp.exceptions.NotFound:
                return None


class Redis(Program):
    """A Redis of its own, without files."""

    name = "redis"

    def __init__(self, folder, port=None):
        super().__init__(folder)
        self.port = port or free_port()

    @property
    def url(self):
        return f"redis://{LOOPBACK}:{self.port}/0"

    def command(self):
        return [program("redis-server"), "--port", str(self.port), "--bind", LOOPBACK, "--dir", str(self.folder),
                "--save", "", "--appendonly", "no"]

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        return super().start()

    def ready(self):
        try:
            with redis.Redis(port=self.port) as client:
                return client.ping()
        except redis.RedisError:
            return False
