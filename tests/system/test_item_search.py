"""GET /items:search: finding items in a catalog of any size, beside the contract's list, which stays as it is."""

import json

from guests import GUEST
from rankloop_process import Server


def search(client, query=""):
    answer = client.get(f"/items:search{query}")
    assert answer.status == 200, answer
    return answer.json


def test_a_large_catalog_is_searched_ordered_and_paged():
    rows = "".join(json.dumps({"location_id": number, "price": float(number % 500), "has_pool": number % 2 == 0,
                               **{name: False for name in ("children", "breakfast", "lunch", "dinner", "has_spa", "animals",
                                                           "near_lake", "near_mountains", "has_sport")},
                               **{name: 3.0 for name in ("family_rating", "outdoor_rating", "food_rating", "leisure_rating",
                                                         "service_rating", "user_score")}}) + "\n"
                   for number in range(1, 60_001))
    with Server("--empty") as server, server.client(seconds=120) as client:
        assert client.post("/items:import", body=rows.encode(), headers={"Content-Type": "application/x-ndjson"}).status == 200
        assert [found["item"]["location_id"] for found in search(client, "?q=50000")["items"]] == [50_000]
        page = search(client, "?q=pool%20price%3C2&sort=price&order=desc&limit=2&offset=1")
        assert page["complete"] and page["total"] == 120 and page["catalog"] == 60_000
        assert [found["item"]["price"] for found in page["items"]] == [0.0, 0.0]
        assert search(client, "?unseen=true&limit=1")["total"] == page["unseen"] == 60_000
        # The contract's list is what it was.
        listed = client.get("/content/locations?limit=2&offset=59998")
        assert [row["location_id"] for row in listed.json] == [59_999, 60_000]
        assert listed.headers["X-Total-Count"] == "60000"


def test_shown_items_are_told_with_what_was_picked(own_server):
    with own_server.client() as client:
        asked = client.post("/inference/start?wait=30s&limit=3", GUEST).json
        best = asked["results"][0]["location_id"]
        assert client.put("/inference/select", {"task_id": asked["task_id"], "location_id": best}).status == 200
        page = search(client, "?sort=picked&order=desc&limit=1")
        assert page["items"][0]["item"]["location_id"] == best
        assert (page["items"][0]["shown"], page["items"][0]["picked"]) == (1, 1)
        assert (page["lists"], page["unseen"]) == (1, 207)


def test_a_search_that_is_not_understood_is_told(server):
    with server.client() as client:
        for query, name in (("?q=prise%3C3", "q"), ("?sort=colour", "sort"), ("?order=up", "order"), ("?limit=0", "limit"),
                            ("?limit=201", "limit"), ("?unseen=perhaps", "unseen"), ("?q=" + 201 * "a", "q")):
            answer = client.get(f"/items:search{query}")
            assert answer.status == 422, query
            assert answer.json["detail"][0]["loc"] == ["query", name]
