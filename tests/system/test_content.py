"""Reading what is stored: counts, items, users, results, in pages."""

import re

import pytest

from guests import GUEST, PLACE_KEYS, UNKNOWN_TASK, finished, results, stored_results

USER_KEYS = ["user_id", *GUEST, "age_avg", "age_std", "age_min", "age_max", "creation_time"]


def test_info_counts(own_client):
    assert own_client.get("/content/info").body == b'{"locations":210,"users":0}'
    finished(own_client)
    assert own_client.get("/content/info").json == {"locations": 210, "users": 1}


def test_a_location(client):
    answer = client.get("/content/location/17")
    assert answer.status == 200
    assert list(answer.json) == PLACE_KEYS
    assert answer.json["location_id"] == 17
    assert isinstance(answer.json["has_pool"], bool)


def test_locations_come_in_id_order(client):
    answer = client.get("/content/locations")
    assert answer.status == 200
    assert [row["location_id"] for row in answer.json] == list(range(1, 211))
    assert answer.headers["X-Total-Count"] == "210"
    assert answer.headers["Link"] is None


def test_locations_in_pages_are_followed_by_their_links(client):
    seen, path = [], "/content/locations?limit=80"
    while path:
        answer = client.get(path)
        assert answer.headers["X-Total-Count"] == "210"
        seen += [row["location_id"] for row in answer.json]
        link = answer.headers["Link"]
        path = re.fullmatch(r'<(.+)>; rel="next"', link)[1] if link else None
    assert seen == list(range(1, 211))


def test_an_offset_behind_the_end_is_an_empty_page(client):
    answer = client.get("/content/locations?offset=5000")
    assert (answer.status, answer.json, answer.headers["X-Total-Count"]) == (200, [], "210")


def test_a_user_has_derived_features(client):
    task = finished(client, people_num=3, people_age=[4, 30, 35], children_num=1)
    user = client.get(f"/content/user/{stored_results(client, task)[0]['user_id']}")
    assert user.status == 200
    assert list(user.json) == USER_KEYS
    assert user.json["age_avg"] == pytest.approx(23)
    assert user.json["age_std"] == pytest.approx(13.5892, abs=1e-3)
    assert (user.json["age_min"], user.json["age_max"]) == (4, 35)
    assert user.json["people_age"] == [4, 30, 35]


def test_users_come_in_id_order_in_pages(own_client):
    for number in range(5):
        finished(own_client, name=f"guest {number}")
    assert [user["name"] for user in own_client.get("/content/users").json] == [f"guest {n}" for n in range(5)]
    page = own_client.get("/content/users?limit=2&offset=2")
    assert [user["user_id"] for user in page.json] == [3, 4]
    assert page.headers["X-Total-Count"] == "5"
    assert page.headers["Link"] == '</content/users?limit=2&offset=4>; rel="next"'


def test_results_of_a_task_come_best_first(client):
    task = finished(client)
    answer = client.get(f"/content/results?task_id={task}")
    assert answer.status == 200
    scores = [row["score"] for row in answer.json]
    assert len(scores) == 210 and scores == sorted(scores, reverse=True)
    assert {row["task_id"] for row in answer.json} == {task}
    assert [row["location_id"] for row in answer.json[:10]] == [
        row["location_id"] for row in results(client, task)]


def test_results_in_pages_keep_the_task_in_their_link(client):
    task = finished(client)
    answer = client.get(f"/content/results?task_id={task}&limit=100")
    following = client.get(re.fullmatch(r'<(.+)>; rel="next"', answer.headers["Link"])[1])
    assert answer.json + following.json == stored_results(client, task)[:200]


def test_a_result(client):
    row = stored_results(client, finished(client))[4]
    answer = client.get(f"/content/result/{row['result_id']}")
    assert (answer.status, answer.json) == (200, row)
    assert row["result_id"] % 65536 == 5


@pytest.mark.parametrize("path", ["location/999999", "location/0", "location/-1", "location/x", "location/1.0",
                                  "location/99999999999999999999", "location/%00", "user/999999", "user/0",
                                  "user/x", "result/1", "result/9007199254740993", "result/x", "result/-5"])
def test_an_unknown_id_is_not_found(client, path):
    answer = client.get(f"/content/{path}")
    assert answer.status == 404
    assert isinstance(answer.json["detail"], str)


@pytest.mark.parametrize("task", [UNKNOWN_TASK, "x", ""])
def test_results_of_an_unknown_task_are_not_found(client, task):
    answer = client.get(f"/content/results?task_id={task}")
    assert (answer.status, answer.json) == (404, {"detail": "Task not found"})


def test_results_need_a_task(client):
    answer = client.get("/content/results")
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["query", "task_id"])


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=10001", "limit=ten", "limit=", "limit=2.5",
                                   "limit=100000000000000000000", "offset=-1", "offset=x"])
@pytest.mark.parametrize("path", ["locations", "users"])
def test_a_bad_page_is_refused(client, path, query):
    answer = client.get(f"/content/{path}?{query}")
    assert answer.status == 422
    assert answer.json["detail"][0]["loc"] == ["query", query.split("=")[0]]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "100000000000000000000", "ten", "1e1", "NaN"])
def test_a_bad_limit_of_results_is_refused(client, limit):
    answer = client.get(f"/inference/results/{UNKNOWN_TASK}?limit={limit}")
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["query", "limit"])
