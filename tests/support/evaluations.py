"""Evaluations of the ledger, from the start to what they found."""

from learning import ENDED
from rankloop_process import wait_until


def started(client, **body):
    answer = client.post("/evaluations", body)
    assert (answer.status, answer.json["type"]) == (200, "evaluation"), answer
    return answer.json["task_id"]


def ended(client, task, seconds=60):
    def last():
        status = client.get(f"/evaluations/{task}").json
        return status if status["status"] in ENDED else None

    return wait_until(last, seconds, what="the end of the evaluation")


def evaluated(client, **body):
    status = ended(client, started(client, **body))
    assert status["status"] == "SUCCESS", status
    return status["evaluation"]
