"""deploy/compose.yaml as it stands, on one network: what the registries' images of PostgreSQL and RabbitMQ do is done by
Debian's packages, under the same names."""

import pathlib
import subprocess
import sys

import pytest

from pristine import ROOT
from rankloop_process import wait_until

SECRETS = {"RANKLOOP_TOKEN": "a-token-of-some-length", "RANKLOOP_PASSWORD": "a-password-of-some-length"}

DATABASE = r"""#!/bin/sh
set -e
as="setpriv --reuid postgres --regid postgres --init-groups /usr/lib/postgresql/15/bin"
data=/var/lib/postgresql/data
if [ ! -e "$data/PG_VERSION" ]; then
  chown postgres: "$data"
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  $as/initdb -D "$data" -U "$POSTGRES_USER" -A scram-sha-256 --encoding UTF8 --pwfile=/tmp/password --no-sync
  echo "CREATE DATABASE $POSTGRES_DB" | $as/postgres --single -D "$data" postgres
fi
exec $as/postgres -D "$data"
"""

BROKER = r"""#!/bin/sh
chown rabbitmq: /var/lib/rabbitmq
exec rabbitmq-server
"""

# One network for all, which the names of the services lead to.
ONE_NETWORK = "services:\n" + "".join(
    f"  {service}: {{network_mode: host}}\n" for service in ("server", "worker", "database", "broker"))


@pytest.fixture
def images(podman, image, template, tmp_path):
    """Our image, and those of PostgreSQL and RabbitMQ under the names that a registry has them by."""
    for name, package, entry in (("postgres:15", "postgresql-15", DATABASE), ("rabbitmq:3.13", "rabbitmq-server", BROKER)):
        (tmp_path / "entry").write_text(entry)
        (tmp_path / "entry").chmod(0o755)
        made = subprocess.run(["bash", "-euc", f"""
            source script/pristine-root
            base=$(buildah from scratch)
            tree=$(buildah mount "$base")
            cp -a "$TEMPLATE/." "$tree/"
            cp "$ENTRY" "$tree/entry"
            printf '#!/bin/sh\\nexit 101\\n' >"$tree/usr/sbin/policy-rc.d" && chmod +x "$tree/usr/sbin/policy-rc.d"
            (in_pristine_root "$tree" -- sh -c "apt-get update && apt-get install -y --no-install-recommends {package}")
            buildah umount "$base"
            buildah config --entrypoint '["/entry"]' --env PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
              --env RABBITMQ_NODENAME=rabbit@localhost "$base"
            buildah commit -q "$base" docker.io/library/{name}
            buildah rm "$base" """],
            cwd=ROOT, env={**podman, "TEMPLATE": str(template), "ENTRY": str(tmp_path / "entry")}, text=True, capture_output=True)
        assert made.returncode == 0, made.stdout + made.stderr
    subprocess.run(["podman", "load", "-q", "-i", image], env=podman, check=True, capture_output=True)
    return podman


@pytest.fixture
def network():
    """A process in a network of its own, so that every port is free."""
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && exec sleep infinity"]) as holder:
        yield ["nsenter", "--target", str(holder.pid), "--net"]
        holder.kill()


def test_the_services_of_the_compose_file_find_each_other(images, network, tmp_path):
    (tmp_path / "one-network.yaml").write_text(ONE_NETWORK)
    (tmp_path / "hosts").write_text("127.0.0.1 localhost database broker\n")
    config = tmp_path / "containers.conf"
    config.write_text(config.read_text().replace("[containers]\n", f'[containers]\nbase_hosts_file = "{tmp_path}/hosts"\n'))

    def ran(*command):
        return subprocess.run([*network, *command], env={**images, **SECRETS}, cwd=tmp_path, text=True, capture_output=True)

    def compose(*command):
        done = ran(pathlib.Path(sys.executable).with_name("podman-compose"), "--project-name", "rankloop-test",
                   "-f", ROOT / "deploy/compose.yaml", "-f", tmp_path / "one-network.yaml", *command)
        assert done.returncode == 0, done.stdout + done.stderr

    def wait_for(*services):
        for service in services:
            container = f"rankloop-test_{service}_1"

            def healthy(name=container):
                state = ran("podman", "inspect", "--format", "{{.State.Status}}", name).stdout.strip()
                assert state == "running", (state, ran("podman", "logs", "--tail", "30", name))
                return ran("podman", "healthcheck", "run", name).returncode == 0

            wait_until(healthy, 300, service)

    # This podman does not wait for a service's health by itself.
    compose("up", "-d", "database", "broker")
    wait_for("database", "broker")
    compose("up", "-d")
    wait_for("server", "worker")
    journey = ran("env", f"RANKLOOP_AUTH_TOKEN={SECRETS['RANKLOOP_TOKEN']}", ROOT / "script/journey", "http://127.0.0.1:4789")
    assert journey.returncode == 0, journey.stdout + journey.stderr
    # The server has no workers: the other container ranked, and heard of it by the broker.
    queues = ran("podman", "exec", "rankloop-test_broker_1", "rabbitmqctl", "-q", "list_queues", "name", "consumers")
    assert queues.returncode == 0, queues.stderr
    assert "rankloop" in queues.stdout
    compose("down")
