"""A connection pooler before PostgreSQL: sessions do, transactions are refused at the start, with the way out."""

import pytest

from backing_services import PgBouncer, Postgres
from cluster import ClusterServer
from guest_load import guest
from guests import start
from process import shared_folder
from rankloop_process import run


@pytest.fixture(scope="module")
def postgres():
    with shared_folder() as folder, Postgres(folder / "postgres", durable=False) as postgres:
        yield postgres


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_changes_the_connection_is_refused_at_the_start(postgres, mode):
    with shared_folder() as folder, PgBouncer(folder / "pgbouncer", postgres, mode) as pooler:
        for _ in range(3):  # with connections that the pooler holds already, too
            ended = run("serve", "--listen", "127.0.0.1:0", cwd=folder,
                        env={"RANKLOOP_STORE": pooler.url, "RANKLOOP_DATA_DIR": str(folder / "data")})
            assert ended.returncode != 0, ended
            assert "pool_mode = session" in ended.stderr and "PostgreSQL itself" in ended.stderr, ended.stderr
    assert postgres.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_pooler_that_keeps_sessions_does(postgres):
    with shared_folder() as folder, PgBouncer(folder / "pgbouncer", postgres, "session") as pooler:
        settings = {"RANKLOOP_STORE": pooler.url, "RANKLOOP_BASELINE": "false", "RANKLOOP_WORKERS": "1"}
        with ClusterServer(folder / "server", "server", settings) as server, server.client() as client:
            task = start(client, guest(1))
            assert client.get("/content/info").status == 200
            assert client.get(f"/inference/status/{task}").status == 200
