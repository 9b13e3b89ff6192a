"""nginx with TLS before a server, set up as docs/operations.md says."""

import contextlib
import http.client
import json
import re
import ssl
import subprocess

import pytest

from guests import GUEST
from process import LOOPBACK, Program, answers, free_port, program
from rankloop_process import ROOT, Server

TOKEN = "an-operator-of-ours"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = {"RANKLOOP_AUTH_TOKEN": TOKEN, "RANKLOOP_HTTP_PUBLIC_URL": "https://rank.example",
            "RANKLOOP_HTTP_TRUSTED_PROXIES": "127.0.0.1"}
AROUND = """
daemon off;
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_buffer_size 8m;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
{documented}
}}
"""


def documented(kind):
    """The block of the manual that is an example of that kind."""
    manual = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    return re.search(rf"```{kind}\n(.*?)```", manual, re.DOTALL).group(1)


class Proxy(Program):
    name = "proxy"

    def __init__(self, folder, server_port):
        super().__init__(folder)
        self.server_port = server_port
        self.port = free_port()

    def command(self):
        return [program("nginx"), "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"]

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=rank.example", "-addext", "subjectAltName=DNS:rank.example", "-days", "2",
                        "-keyout", "key.pem", "-out", "certificate.pem"], cwd=self.folder, check=True,
                       capture_output=True)
        text = documented("nginx")
        for old, new in (("127.0.0.1:4789", f"127.0.0.1:{self.server_port}"),
                         ("listen 443 ssl", f"listen {LOOPBACK}:{self.port} ssl"),
                         ("/etc/ssl/certs/rank.example.pem", str(self.folder / "certificate.pem")),
                         ("/etc/ssl/private/rank.example.key", str(self.folder / "key.pem"))):
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "nginx.conf").write_text(AROUND.format(documented=text), encoding="utf-8")
        return super().start()

    def ready(self):
        return answers(self.port)

    @contextlib.contextmanager
    def connection(self):
        trusted = ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))
        trusted.check_hostname = False  # it is reached by its number here
        connection = http.client.HTTPSConnection(LOOPBACK, self.port, timeout=40, context=trusted)
        yield connection
        connection.close()

    def ask(self, method, path, body=None, headers=None):
        sent = {"Host": "rank.example", **AUTHORIZED, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        with self.connection() as connection:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            return response.status, response.read()


@pytest.fixture(scope="module")
def proxy(seeded_data, tmp_path_factory):
    with Server(copy_of=seeded_data, env=SETTINGS) as server:
        proxy = Proxy(tmp_path_factory.mktemp("proxy"), server.port)
        proxy.start()
        yield proxy
        proxy.stop()


def test_the_settings_of_the_example_are_those_of_this_test():
    text = documented("toml\n# behind a proxy")
    assert 'public_url = "https://rank.example"' in text and 'trusted_proxies = "127.0.0.1"' in text


def test_the_page_changes_things_through_the_proxy(proxy):
    page = {"Origin": "https://rank.example", "Sec-Fetch-Site": "same-origin"}
    status, body = proxy.ask("POST", "/inference/start?wait=20s", GUEST, page)
    assert (status, json.loads(body)["status"]) == (200, "SUCCESS")
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert proxy.ask("POST", "/inference/start", GUEST, foreign)[0] == 403, foreign


def test_events_come_as_they_happen_through_the_proxy(proxy):
    with proxy.connection() as connection:
        connection.request("GET", "/monitoring/loop/events", headers={"Host": "rank.example", **AUTHORIZED})
        response = connection.getresponse()
        assert response.status == 200
        for _ in range(2):
            event = response.readline() + response.readline() + response.readline()
            assert event.startswith(b"event: loop\ndata: {")


def test_guessers_behind_the_proxy_are_told_apart(proxy):
    def guess(client):
        # As a proxy before this one would tell it; nginx adds the address that it is asked from itself.
        return proxy.ask("GET", "/version", headers={"Authorization": "Bearer a-guess", "X-Forwarded-For": client})[0]

    statuses = {guess("203.0.113.7") for _ in range(15)}
    assert statuses == {401, 429}
    assert guess("203.0.113.8") == 401
    assert proxy.ask("GET", "/version")[0] == 200


def test_a_large_import_passes_the_proxy(proxy):
    with proxy.connection() as connection:
        connection.request("POST", "/items:import", b"\n" * (3 << 20),
                           {"Host": "rank.example", "Content-Type": "text/csv", **AUTHORIZED})
        assert connection.getresponse().status in (200, 422)  # the server's own word, not nginx's 413
