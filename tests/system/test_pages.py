"""Health, version, metrics and the pages that the program brings along."""

import re

import pytest

from guests import GUEST, finished

SAMPLE = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"(,|(?=\})))*\})? '
                    r'([+-]?Inf|NaN|[+-]?[0-9.]+(e[+-]?[0-9]+)?)$')


@pytest.mark.parametrize("path, body", [("/health/live", {"status": "ok"}), ("/health/ready", {"status": "ready"})])
def test_health(client, path, body):
    answer = client.get(path)
    assert (answer.status, answer.json) == (200, body)


def test_version(client):
    answer = client.get("/version")
    assert answer.status == 200
    assert list(answer.json) == ["name", "version", "revision", "store", "queue", "domain"]
    assert (answer.json["name"], answer.json["store"], answer.json["queue"], answer.json["domain"]) == (
        "rankloop", "sqlite", "memory", "locations")


def test_every_line_of_the_metrics_parses(client):
    finished(client)
    answer = client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    described, names = set(), set()
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            described.add(line.split()[2])
        elif not line.startswith("# HELP "):
            assert SAMPLE.match(line), line
            names.add(re.split(r"[{ ]", line)[0])
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in names} | names
    assert described <= families
    assert all(name.startswith(("rankloop_", "process_")) for name in described)


def test_metrics_name_no_user_item_or_task(client):
    task = finished(client)
    client.get(f"/inference/status/{task}")
    client.get("/content/location/17")
    text = client.get("/metrics").text
    assert task not in text
    assert "/content/location/17" not in text
    assert 'route="/content/location/{location_id}"' in text


def test_the_start_page_is_for_browsers(client):
    page = client.get("/", headers={"Accept": "text/html"})
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    answer = client.get("/", headers={"Accept": "application/json"})
    assert (answer.status, list(answer.json)) == (200, ["name", "version"])


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc"])
def test_a_page_loads_only_its_own_paths(client, path):
    page = client.get(path, headers={"Accept": "text/html"})
    assert page.status == 200
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for place in loaded:
        assert place.startswith(("/", "data:")) and not place.startswith("//"), place
        if place.startswith("/"):
            assert client.get(place).status == 200, place
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_the_api_description_names_every_seed_route(client):
    answer = client.get("/openapi.json")
    assert answer.status == 200
    assert answer.json["openapi"].startswith("3.1")
    seed = {"/inference/start": "post", "/inference/status/{task_id}": "get", "/inference/results/{task_id}": "get",
            "/inference/select": "put", "/train/start": "post", "/content/info": "get",
            "/content/location/{location_id}": "get", "/content/locations": "get", "/content/user/{user_id}": "get",
            "/content/users": "get", "/content/result/{result_id}": "get", "/content/results": "get",
            "/metrics": "get"}
    for path, method in seed.items():
        assert method in answer.json["paths"][path], path
    assert set(GUEST) <= set(answer.json["components"]["schemas"]["UserData"]["properties"])


def test_a_known_page_is_not_sent_again(client):
    tag = client.get("/openapi.json").headers["ETag"]
    answer = client.get("/openapi.json", headers={"If-None-Match": tag})
    assert (answer.status, answer.body) == (304, b"")
