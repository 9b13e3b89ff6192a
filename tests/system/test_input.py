"""Bad input: each field of a request, the types, and bodies that are no JSON."""

import json

import pytest

from guests import GUEST, UNKNOWN_TASK, without

BOOLS = ["pool", "spa", "pet_friendly", "lake", "mountain", "sport"]
WHOLE = ["people_num", "children_num", "nights"]
LABEL = {"task_id": UNKNOWN_TASK, "location_id": 1}

BAD = [(name, value) for name in BOOLS for value in ("yes", "true", 1, 0, None, [])]
BAD += [(name, value) for name in WHOLE for value in ("2", 2.7, True, None, [2], -1, 2**31, 10**30)]
BAD += [("people_num", 0), ("nights", 0)]
BAD += [("budget", value) for value in ("400", True, None, -0.01, [1])]
BAD += [("name", value) for value in (5, None, True, ["Ann"])]
BAD += [("people_age", value) for value in ([], "30", 30, None, [30, "34"], [30, 34.5], [30, True], [30, None],
                                            [30, -1], [30, 131], [30, 10**30], [[30, 34]])]
BAD += [("time_arrival", value) for value in ("2026-13-01", "2026-02-30", "01.12.2026", "2026-12-1", "soon", "", 5,
                                              None, "2026-12-01T00:00:00Z")]


def start(client, fields):
    return client.post("/inference/start", fields)


def raw_start(client, body):
    return client.request("POST", "/inference/start", body=body, headers={"Content-Type": "application/json"})


def users(client):
    return client.get("/content/info").json["users"]


@pytest.mark.parametrize("name, value", BAD, ids=[f"{name}={json.dumps(value)[:24]}" for name, value in BAD])
def test_a_bad_value_is_refused(client, name, value):
    before = users(client)
    answer = start(client, {**GUEST, name: value})
    assert answer.status == 422
    for fault in answer.json["detail"]:
        assert list(fault) == ["loc", "msg", "type"]
        assert fault["loc"][0] == "body" and fault["msg"] and fault["type"]
    assert name in {fault["loc"][1] for fault in answer.json["detail"]}
    assert users(client) == before


@pytest.mark.parametrize("name", list(GUEST))
def test_a_missing_field_is_named(client, name):
    answer = start(client, without(GUEST, name))
    assert answer.status == 422
    assert [(fault["loc"], fault["type"]) for fault in answer.json["detail"]] == [(["body", name], "missing")]


def test_all_faults_come_at_once(client):
    answer = start(client, {**without(GUEST, "spa"), "budget": "much", "nights": 0})
    assert answer.status == 422
    assert sorted(fault["loc"][1] for fault in answer.json["detail"]) == ["budget", "nights", "spa"]


def test_an_element_of_a_list_is_named_by_its_place(client):
    answer = start(client, {**GUEST, "people_age": [30, 200]})
    assert answer.json["detail"][0]["loc"] == ["body", "people_age", 1]


@pytest.mark.parametrize("number", [1, 3])
def test_people_must_be_as_many_as_their_ages(client, number):
    answer = start(client, {**GUEST, "people_num": number})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", "people_num"])


def test_a_whole_number_may_be_written_with_a_point(client):
    answer = raw_start(client, json.dumps(GUEST).replace('"nights": 2', '"nights": 3.0'))
    assert (answer.status, answer.json["status"]) == (200, "PENDING")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0x10", "01", "+1", "1."])
def test_what_is_no_number_is_refused(client, number):
    answer = raw_start(client, json.dumps(GUEST).replace("400.0", number))
    assert answer.status == 422
    assert answer.json["detail"][0]["loc"][0] == "body"


@pytest.mark.parametrize("body", [
    "", " ", "{", "[", '{"name": "Ann"', '{"name": "Ann",}', "{'name': 1}", "null garbage", "{}{}", "\0", "nul",
    "[" * 100000, '{"a":' * 50000, "{" + '"a":1,' * 3 + '"a":2}', '{"name": "\ud800"}',
], ids=range(15))
def test_broken_json_is_refused(client, body):
    answer = raw_start(client, body.encode("utf-8", "surrogatepass"))
    assert answer.status == 422
    assert answer.json["detail"][0]["loc"][0] == "body"
    assert client.get("/health/live").status == 200


@pytest.mark.parametrize("body", ["null", "[]", "5", '"text"', "true"])
def test_json_that_is_no_object_is_refused(client, body):
    answer = raw_start(client, body)
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body"])


def test_duplicate_keys_are_refused(client):
    answer = raw_start(client, json.dumps(GUEST)[:-1] + ', "nights": 2}')
    assert answer.status == 422
    assert answer.json["detail"][0]["type"] == "json_invalid"


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
def test_invalid_utf8_is_refused(client, text):
    answer = raw_start(client, json.dumps(GUEST).encode().replace(b"Ann", text))
    assert (answer.status, answer.json["detail"][0]["type"]) == (422, "json_invalid")


def test_a_truncated_body_of_every_length_is_refused(client):
    body = json.dumps(GUEST)
    for length in range(0, len(body), 7):
        assert raw_start(client, body[:length]).status == 422


@pytest.mark.parametrize("name", ["Zoë", "李雷", "🏔", "a\"b\\c\n\t", "", "x" * 200])
def test_a_name_comes_back_as_it_was(own_client, name):
    assert start(own_client, {**GUEST, "name": name}).status == 200
    assert own_client.get("/content/user/1").json["name"] == name


@pytest.mark.parametrize("fields, place", [
    (without(LABEL, "task_id"), ["body", "task_id"]), (without(LABEL, "location_id"), ["body", "location_id"]),
    ({**LABEL, "task_id": 5}, ["body", "task_id"]), ({**LABEL, "task_id": None}, ["body", "task_id"]),
    ({**LABEL, "location_id": "1"}, ["body", "location_id"]), ({**LABEL, "location_id": 1.5}, ["body", "location_id"]),
    ({**LABEL, "location_id": True}, ["body", "location_id"]), ({**LABEL, "location_id": None}, ["body", "location_id"]),
    ({**LABEL, "location_id": 10**30}, ["body", "location_id"]), ([LABEL], ["body"]), (None, ["body"]),
], ids=range(11))
def test_a_bad_label_is_refused(client, fields, place):
    answer = client.put("/inference/select", fields)
    assert answer.status == 422
    assert [fault["loc"] for fault in answer.json["detail"]] == [place]


def test_a_label_without_anything_names_both_fields(client):
    answer = client.put("/inference/select", {})
    assert answer.status == 422
    assert [fault["loc"][1] for fault in answer.json["detail"]] == ["task_id", "location_id"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/json", ""])
def test_json_as_another_type_is_refused(client, content_type):
    answer = client.request("POST", "/inference/start", body=json.dumps(GUEST),
                            headers={"Content-Type": content_type} if content_type else {})
    assert answer.status == 415
    assert "application/json" in answer.json["detail"]


@pytest.mark.parametrize("wait", ["soon", "-1s", "1e3", "5y", ""])
def test_a_bad_wait_is_refused(client, wait):
    answer = client.get(f"/inference/status/{UNKNOWN_TASK}?wait={wait}")
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["query", "wait"])


@pytest.mark.parametrize("peek", ["yes", "2", "TRUE!"])
def test_a_bad_flag_is_refused(client, peek):
    answer = client.get(f"/inference/results/{UNKNOWN_TASK}?peek={peek}")
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["query", "peek"])
