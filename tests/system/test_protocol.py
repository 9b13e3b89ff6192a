"""HTTP itself: methods, slashes, framing, limits, and requests from elsewhere."""

import gzip
import json
import socket
import threading

import pytest

from guests import GUEST, finished, metric, start
from rankloop_process import Server, wait_until


def head(method, path, *lines, version="1.1"):
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: localhost", *lines, "", ""])


def ask(server, data, method="GET"):
    with server.raw() as raw:
        return raw.send(data).answer(method)


@pytest.mark.parametrize("path", ["/content/info", "/content/locations", "/content/location/3", "/version", "/tasks",
                                  "/health/live", "/metrics", "/docs", "/openapi.json"])
def test_a_trailing_slash_is_the_same_route(client, path):
    plain, slashed = client.get(path), client.get(path + "/")
    assert (plain.status, slashed.status) == (200, 200)
    if path != "/metrics":
        assert plain.body == slashed.body


def test_routes_with_a_body_take_either_slash(client):
    assert client.post("/inference/start/", GUEST).status == 200
    task = finished(client)
    for path in ("/inference/select", "/inference/select/"):
        assert client.put(path, {"task_id": task, "location_id": -1}).body == b"null"


@pytest.mark.parametrize("path", ["/content/info", "/content/location/3", "/version", "/", "/docs"])
def test_head_answers_without_a_body(client, path):
    got, headed = client.get(path), client.request("HEAD", path)
    assert (headed.status, headed.body) == (200, b"")
    assert headed.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.mark.parametrize("path, allow", [("/content/info", "GET, HEAD, OPTIONS"),
                                         ("/inference/start", "POST, OPTIONS"),
                                         ("/inference/select/", "PUT, OPTIONS"),
                                         ("/items/5", "PATCH, DELETE, OPTIONS")])
def test_options_and_other_methods_name_those_allowed(client, path, allow):
    options = client.request("OPTIONS", path)
    assert (options.status, options.body, options.headers["Allow"]) == (204, b"", allow)
    for method in ("TRACE", "BREW"):
        refused = client.request(method, path)
        assert (refused.status, refused.headers["Allow"]) == (405, allow)
        assert refused.json == {"detail": "Method Not Allowed"}


@pytest.mark.parametrize("path", ["/nothing", "/content", "/content/hotel/1", "/inference/start/x", "//", "/..%2fetc",
                                  "/content//info", "/CONTENT/INFO"])
def test_an_unknown_path_is_not_found(client, path):
    answer = client.get(path)
    assert (answer.status, answer.json) == (404, {"detail": "Not Found"})


def test_a_sane_request_id_comes_back(client):
    assert client.get("/version", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"
    own = {client.get("/version").headers["X-Request-Id"] for _ in range(3)}
    assert len(own) == 3


@pytest.mark.parametrize("sent", ["", "a b", "x" * 5000, "<script>", "\xe9"])
def test_an_odd_request_id_is_replaced(client, sent):
    answer = client.get("/version", headers={"X-Request-Id": sent})
    assert answer.status == 200
    assert answer.headers["X-Request-Id"] and answer.headers["X-Request-Id"] != sent


@pytest.mark.parametrize("data", ["GARBAGE\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00",
                                  "GET / HTTP/1.1\r\nHost localhost\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                                  "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                  "POST /inference/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"],
                         ids=range(8))
def test_what_is_no_http_is_a_bad_request(server, data):
    answer = ask(server, data + "\r\n")
    assert answer.status == 400
    assert isinstance(answer.json["detail"], str)


def test_two_lengths_are_a_bad_request(server):
    answer = ask(server, head("POST", "/inference/start", "Content-Length: 5", "Content-Length: 6") + "hello!")
    assert answer.status == 400


def test_a_large_head_is_refused(server):
    assert ask(server, head("GET", "/version", "X-Long: " + "x" * 100_000)).status == 431
    assert ask(server, head("GET", "/version", *[f"X-{n}: {'y' * 100}" for n in range(1000)])).status == 431


def test_a_large_body_is_refused_before_it_comes(server):
    data = head("POST", "/inference/start", "Content-Type: application/json", "Content-Length: 2000000000")
    assert ask(server, data).status == 413


def test_a_large_body_without_a_length_is_refused(server):
    with server.raw() as raw:
        raw.send(head("POST", "/inference/start", "Content-Type: application/json", "Transfer-Encoding: chunked"))
        raw.send("200000\r\n")
        assert raw.answer().status == 413


def test_a_chunked_body_is_read(server):
    text = json.dumps(GUEST)
    parts = [text[:7], text[7:100], text[100:]]
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in parts) + "0\r\n\r\n"
    answer = ask(server, head("POST", "/inference/start", "Content-Type: application/json",
                              "Transfer-Encoding: chunked") + chunks)
    assert (answer.status, answer.json["status"]) == (200, "PENDING")


def test_a_broken_chunk_is_a_bad_request(server):
    answer = ask(server, head("POST", "/inference/start", "Content-Type: application/json",
                              "Transfer-Encoding: chunked") + "zz\r\nhello\r\n0\r\n\r\n")
    assert answer.status == 400


def test_http_1_0_is_answered_and_closed(server):
    with server.raw() as raw:
        answer = raw.send("GET /health/live HTTP/1.0\r\n\r\n").answer()
        assert (answer.status, answer.json) == (200, {"status": "ok"})
        assert raw.closed()


def test_close_is_obeyed(server):
    with server.raw() as raw:
        assert raw.send(head("GET", "/health/live", "Connection: close")).answer().status == 200
        assert raw.closed()


def test_pipelined_requests_are_answered_in_order(server):
    paths = ["/content/location/1", "/nothing", "/content/location/2", "/health/live"]
    with server.raw() as raw:
        raw.send("".join(head("GET", path) for path in paths))
        answers = [raw.answer() for _ in paths]
    assert [answer.status for answer in answers] == [200, 404, 200, 200]
    assert [answers[0].json["location_id"], answers[2].json["location_id"]] == [1, 2]


def test_a_request_in_single_bytes_is_read(server):
    with server.raw() as raw:
        for byte in head("GET", "/health/live").encode():
            raw.send(bytes([byte]))
        assert raw.answer().status == 200


def test_expect_continue_is_answered(server):
    text = json.dumps(GUEST)
    with server.raw() as raw:
        raw.send(head("POST", "/inference/start", "Content-Type: application/json", f"Content-Length: {len(text)}",
                      "Expect: 100-continue"))
        assert raw.answer().status == 100
        assert raw.send(text).answer().status == 200


def test_a_request_that_does_not_arrive_is_timed_out(seeded_data):
    with Server("--workers", "0", env={"RANKLOOP_HTTP_READ_TIMEOUT": "300ms"}, copy_of=seeded_data) as server:
        with server.raw() as raw:
            answer = raw.send("GET /health/live HTTP/1.1\r\nHost:").answer()
            assert answer.status == 408
            assert "too long" in answer.json["detail"]
            assert raw.closed()
        with server.raw() as raw:
            data = head("POST", "/inference/start", "Content-Type: application/json", "Content-Length: 100")
            assert raw.send(data + "{").answer().status == 408


def test_an_idle_connection_is_closed(seeded_data):
    with Server("--workers", "0", env={"RANKLOOP_HTTP_IDLE_TIMEOUT": "300ms"}, copy_of=seeded_data) as server:
        with server.raw() as raw:
            assert raw.send(head("GET", "/health/live")).answer().status == 200
            assert raw.closed()


def test_the_longest_idle_connection_gives_way_to_a_new_one(seeded_data):
    with Server("--workers", "0", env={"RANKLOOP_HTTP_MAX_CONNECTIONS": "2"}, copy_of=seeded_data) as server:
        with server.raw() as first, server.raw() as second:
            for raw in (first, second):
                assert raw.send(head("GET", "/health/live")).answer().status == 200
            assert ask(server, head("GET", "/version")).status == 200
            assert first.closed()
            assert second.send(head("GET", "/version")).answer().status == 200


def test_health_is_answered_when_every_connection_is_busy(seeded_data):
    with Server("--workers", "0", env={"RANKLOOP_HTTP_MAX_CONNECTIONS": "3"}, copy_of=seeded_data) as server:
        with server.client() as client:
            task = start(client)
            polls = [server.raw().send(head("GET", f"/inference/status/{task}?wait=30s")) for _ in range(2)]
            wait_until(lambda: metric(client, "rankloop_http_waiting") == 2, what="both long polls")
        with server.raw() as third:
            third.send(head("GET", f"/inference/status/{task}?wait=30s"))
            polls.append(third)
            refused = wait_until(lambda: refusal(server), what="a refusal")
            assert refused.headers["Retry-After"] == "1" and refused.headers["Connection"] == "close"
            for path in ("/health/live", "/health/ready"):
                answer = ask(server, head("GET", path))
                assert (answer.status, answer.headers["Connection"]) == (200, "close")
            for poll in polls[:2]:
                poll.close()


def refusal(server):
    answer = ask(server, head("GET", "/version"))
    return answer if answer.status == 503 else None


def test_too_many_long_polls_are_refused(seeded_data):
    with Server("--workers", "0", env={"RANKLOOP_HTTP_MAX_WAITING": "2"}, copy_of=seeded_data) as server:
        with server.client() as client:
            task = start(client)
            polls = [server.raw() for _ in range(2)]
            for poll in polls:
                poll.send(head("GET", f"/inference/status/{task}?wait=30s"))
            wait_until(lambda: metric(client, "rankloop_http_waiting") == 2, what="both long polls")
            refused = client.get(f"/inference/status/{task}?wait=30s")
            assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
            assert client.get(f"/inference/status/{task}").status == 200
            client.post(f"/inference/cancel/{task}")
            assert [poll.answer().json["status"] for poll in polls] == ["REVOKED", "REVOKED"]
            for poll in polls:
                poll.close()
            assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "REVOKED"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
                         ids=range(4))
def test_a_change_from_another_site_is_refused(client, headers):
    before = client.get("/content/info").json
    answer = client.post("/inference/start", GUEST, headers=headers)
    assert answer.status == 403
    assert "other sites" in answer.json["detail"]
    assert client.get("/content/info", headers=headers).json == before


def test_a_change_from_the_own_site_is_taken(server, client):
    answer = client.post("/inference/start", GUEST, headers={"Origin": server.url, "Sec-Fetch-Site": "same-origin"})
    assert answer.status == 200


def test_a_foreign_host_is_refused(server):
    answer = ask(server, "GET /version HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert answer.status == 403
    assert "http.allowed_hosts" in answer.json["detail"]


@pytest.mark.parametrize("host", ["localhost:anything@evil.example", "evil@localhost", "localhost:80:80"])
def test_a_host_that_is_none_is_refused(server, host):
    assert ask(server, f"GET /version HTTP/1.1\r\nHost: {host}\r\n\r\n").status == 400


def test_names_are_checked_on_a_public_address_without_a_token_too(seeded_data):
    with Server("--workers", "0", "--listen", "0.0.0.0:0", "--insecure", copy_of=seeded_data,
                env={"RANKLOOP_HTTP_ALLOWED_HOSTS": "rank.example"}) as server:
        def status(host):
            return ask(server, f"GET /version HTTP/1.1\r\nHost: {host}\r\n\r\n").status

        assert [status(host) for host in ("rank.example:4789", "127.0.0.1", "evil.example")] == [200, 200, 403]


@pytest.mark.parametrize("coding, statuses", [("gzip", {501}), ("identity", {501}), ("xchunked", {501}),
                                              ("chunked, gzip", {501, 400}), ("\x0bchunked", {501, 400})])
def test_a_transfer_encoding_other_than_chunked_ends_the_connection(server, coding, statuses):
    hidden = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with server.raw() as raw:
        answer = raw.send(head("POST", "/inference/start", f"Transfer-Encoding: {coding}") + hidden).answer()
        assert answer.status in statuses
        assert raw.closed()


def test_long_json_is_compressed_for_who_takes_it(client):
    plain = client.get("/content/locations")
    packed = client.get("/content/locations", headers={"Accept-Encoding": "br, GZIP;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    for accepted in ("", "identity", "gzip;q=0", "gzip; q=0.000", "notgzip", "*;q=0"):
        answer = client.get("/content/locations", headers={"Accept-Encoding": accepted})
        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (None, "Accept-Encoding"), accepted
        assert answer.body == plain.body
    assert client.get("/version", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


def test_what_is_compressed_has_a_tag_of_its_own(client):
    plain = client.get("/openapi.json")
    packed = client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for tag, accepted, status in ((plain.headers["ETag"], "", 304), (packed.headers["ETag"], "gzip", 304),
                                  (plain.headers["ETag"], "gzip", 200), ("*", "gzip", 304),
                                  ("W/" + plain.headers["ETag"], "", 304)):
        answer = client.get("/openapi.json", headers={"If-None-Match": tag, "Accept-Encoding": accepted})
        assert answer.status == status, (tag, accepted)
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_client_that_has_closed_its_side_is_answered(server):
    body = json.dumps(GUEST)
    lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    with server.raw() as raw:
        raw.send(head("POST", "/inference/start?wait=20s", *lines) + body)
        raw.socket.shutdown(socket.SHUT_WR)
        answer = raw.answer()
        assert (answer.status, answer.json["status"]) == (200, "SUCCESS")


def test_an_object_of_too_many_members_is_refused(server, client):
    body = json.dumps({**GUEST, **{f"key{number}": 0 for number in range(60_000)}})
    answer = client.post("/inference/start", body=body, headers={"Content-Type": "application/json"})
    assert answer.status == 422
    assert "allowed are up to 1024" in answer.json["detail"][0]["msg"]
    many = client.post("/inference/start", {**GUEST, "candidates": [1] * 200_000})
    assert many.status == 422
    assert client.post("/inference/start", {**GUEST, "candidates": list(range(1, 900))}).status == 200


def test_many_clients_at_once_get_their_own_answers(server):
    wrong = []

    def journey(number):
        with server.client() as client:
            for _ in range(5):
                if client.get(f"/content/location/{number}").json["location_id"] != number:
                    wrong.append(number)

    threads = [threading.Thread(target=journey, args=(number,)) for number in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
