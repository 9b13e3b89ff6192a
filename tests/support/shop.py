"""A small domain of its own, and a store of it that commands fill without a server."""

from rankloop_process import Server, run

DOMAIN = """
[domain]
name = "shop"
[request]
noun = "user"
[[request.field]]
name = "age"
type = "int"
required = false
[item]
noun = "thing"
[[item.field]]
name = "name"
type = "string"
[[item.field]]
name = "price"
type = "float"
default = 0
[[item.field]]
name = "ok"
type = "bool"
required = false
[[item.field]]
name = "ts"
type = "time"
required = false
[model]
features = ["price"]
"""
THINGS = "thing_id,name,price\n" + "".join(f"{n},n{n},{n}\n" for n in range(1, 21))
TABLE = ["--request-column", "req", "--picked-column", "clicked"]


class Shop:
    """A store of things, without a server."""

    def __init__(self, folder):
        self.folder = folder
        self.server = None  # one that has the store, where there is one
        self.data = folder / "data"
        self.domain = folder / "shop.toml"
        self.domain.write_text(DOMAIN)

    def bring(self, what, name, text, *args):
        file = self.folder / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run("import", what, file, "--domain", self.domain, "--data-dir", self.data, *args)

    def items(self, name, text, *args):
        return self.bring("items", name, text, *args)

    def history(self, name, text, *args):
        return self.bring("history", name, text, *args)

    def names(self):
        """Those of the things, by their ids."""
        if self.server is None:
            with Server("--domain", self.domain, "--workers", "0", data_dir=self.data) as server:
                return names_in(server)
        return names_in(self.server)

    def stored(self):
        """The people, and the results of each request."""
        with Server("--domain", self.domain, "--workers", "0", data_dir=self.data) as server:
            with server.client() as client:
                users = client.get("/content/users?limit=1000").json
                tasks = [task["task_id"] for task in client.get("/tasks?kind=inference&limit=100").json]
                results = [client.get(f"/content/results?task_id={task}").json for task in tasks]
        return users, results


def names_in(server):
    with server.client() as client:
        return {row["item"]["thing_id"]: row["item"]["name"] for row in client.get("/items:search?limit=200").json["items"]}


def refused(outcome, *words):
    """Refused in sentences."""
    assert outcome.returncode == 2, (outcome.stdout, outcome.stderr)
    assert "detail" not in outcome.stderr and '"loc"' not in outcome.stderr
    for word in words:
        assert word in outcome.stderr, outcome.stderr
