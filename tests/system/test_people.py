"""Who asks: a model that knows people ranks for each of them."""

import json
import random

from guests import GUEST, finished, results
from learning import QUICK, import_history, promoted, ranked_by, trained
from rankloop_process import Server


def people_with_tastes(count, seed=5):
    """Requests of people of whom half pick even numbers and half odd ones; no feature says which."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        person = number % 40
        ids = draw.sample(range(1, 61), 8)
        liked = [item for item in ids if item % 2 == person % 2]
        lines.append(json.dumps({"request": {**GUEST, "budget": draw.randrange(100, 900)}, "shown": ids,
                                 "picked": liked[:1], "user_key": f"person-{person}"}))
    return "\n".join(lines) + "\n"


def test_two_people_who_ask_alike_get_what_each_likes():
    with Server(env=QUICK) as server, server.client() as client:
        assert import_history(client, people_with_tastes(1200)) == 1200
        number = trained(client, family="factorization", promote="manual")
        promoted(client, number)

        ranked_by(client, number)

        def order(person):
            task = finished(client, GUEST, **({"user_key": person} if person else {}))
            return [row["location_id"] for row in results(client, task, limit=210) if row["location_id"] <= 60]

        def even_among_the_best(person):
            return sum(item % 2 == 0 for item in order(person)[:20])

        assert even_among_the_best("person-0") >= 15
        assert even_among_the_best("person-1") <= 5
        assert order("a stranger") == order(None)
