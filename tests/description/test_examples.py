"""What the description shows may be sent as it stands."""

import pytest

from rankloop_process import ROOT, Server


def example_of(document, path, method, media="application/json"):
    return document["paths"][path][method]["requestBody"]["content"][media]["example"]


def test_the_shown_request_is_ranked(own_client):
    document = own_client.get("/openapi.json").json
    answer = own_client.post("/inference/start?wait=30s", example_of(document, "/inference/start", "post"))
    assert (answer.status, len(answer.json["results"])) == (200, 10), answer


def test_the_shown_items_are_taken(own_client):
    document = own_client.get("/openapi.json").json
    assert own_client.post("/items", example_of(document, "/items", "post")).status == 201
    id_of = document["paths"]["/items/{item_id}"]["patch"]["parameters"][0]["example"]
    change = example_of(document, "/items/{item_id}", "patch")
    assert len(change) == 1 and own_client.request("PATCH", f"/items/{id_of}", json=change).status == 200
    assert own_client.get(f"/content/location/{id_of}").status == 200


@pytest.mark.parametrize("path", ["/items:import", "/history:import"])
def test_the_shown_lines_are_imported(own_client, path):
    document = own_client.get("/openapi.json").json
    for media, content in document["paths"][path]["post"]["requestBody"]["content"].items():
        answer = own_client.request("POST", path, body=content["example"].encode(), headers={"Content-Type": media})
        assert answer.status == 200, (media, answer)


def test_a_request_of_another_domain_fits_an_item_that_exists():
    with Server("--domain", ROOT / "domain/flights.toml", "--empty") as server:
        with server.client() as client:
            table = (ROOT / "data/flights/arc.csv").read_bytes()
            assert client.request("POST", "/items:import?number_rows=true", body=table,
                                  headers={"Content-Type": "text/csv"}).status == 200
        server.stop()
        server.start()
        with server.client() as client:
            request = example_of(client.get("/openapi.json").json, "/inference/start", "post")
            answer = client.post("/inference/start?wait=30s", request)
            assert answer.status == 200 and answer.json["results"], answer


def test_operations_keep_names_of_their_own_whatever_the_domain_calls_its_things(tmp_path):
    domain = tmp_path / "tasks.toml"
    domain.write_text("domain.name = 'tasks'\nrequest.noun = 'model'\nitem.noun = 'task'\nmodel.features = ['age', 'size']\n"
                      "[[request.field]]\nname = 'age'\ntype = 'int'\n"
                      "[[item.field]]\nname = 'size'\ntype = 'int'\n")
    with Server("--domain", domain, "--empty") as server:
        with server.client() as client:
            document = client.get("/openapi.json").json
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
