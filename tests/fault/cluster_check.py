"""Holds a cluster's database against what no fault may break."""

# Each statement finds nothing in a sound ledger. Kinds and states are those of src/domain/task.h:
# kind 0 inference, 1 training; states 0 scheduled, 1 ready, 2 running, 3 succeeded.
NEVER = {
    "an inference without its task":
        "SELECT i.id FROM inferences i LEFT JOIN tasks t ON t.id = i.task_id WHERE t.id IS NULL",
    "a task with two inferences":
        "SELECT task_id FROM inferences GROUP BY task_id HAVING count(*) > 1",
    "a success without its ranking":
        "SELECT t.id FROM tasks t LEFT JOIN inferences i ON i.task_id = t.id "
        "LEFT JOIN rankings r ON r.inference_id = i.id WHERE t.kind = 0 AND t.state = 3 AND r.inference_id IS NULL",
    "a ranking without its success":
        "SELECT t.id FROM rankings r JOIN inferences i ON i.id = r.inference_id JOIN tasks t ON t.id = i.task_id "
        "WHERE t.state <> 3",
    "two rankings of an inference":
        "SELECT inference_id FROM rankings GROUP BY inference_id HAVING count(*) > 1",
    "two champions":
        "SELECT count(*) FROM models WHERE champion = 1 HAVING count(*) > 1",
}


def check_database(postgres):
    for what, sql in NEVER.items():
        rows = postgres.query(sql + " LIMIT 5")
        assert rows == [], f"{what}: {rows}"


def open_tasks(postgres):
    """How many tasks have not come to an end."""
    return postgres.query("SELECT count(*) FROM tasks WHERE finished IS NULL")[0][0]
