"""Tables of films and of what people picked, with a truth that is known: everybody has a genre of their own."""

import random

GENRES = ["crime", "war", "comedy", "drama", "family", "western"]
FILMS = [(n, GENRES[n % 6], round(3 + n % 17 * 0.5, 2)) for n in range(1, 61)]


def write_films(folder):
    rows = [f"{number},Film {number},{genre},{price}" for number, genre, price in FILMS]
    (folder / "films.csv").write_text("\n".join(["film_id,title,genre,price", *rows]) + "\n")


def picked_by(draw, taste):
    """Nearly always of one's own genre: what is popular says nothing of that."""
    mine = [film for film in FILMS if film[1] == taste]
    return draw.choice(mine if draw.random() < 0.9 else FILMS)


def write_clicks(folder, people=60, clicks=900):
    draw = random.Random(3)
    tastes = {f"u{n}": GENRES[n % 6] for n in range(people)}
    rows = ["user_id,film_id,clicked_at"]
    for n in range(clicks):
        user = draw.choice(list(tastes))
        rows.append(f"{user},{picked_by(draw, tastes[user])[0]},2026-01-{n // 40 + 1:02d} {n % 40 // 2:02d}:{n % 60:02d}:00")
    (folder / "clicks.csv").write_text("\n".join(rows) + "\n")
    (folder / "people.csv").write_text("\n".join(["user_id,genre", *(f"{user},{taste}" for user, taste in tastes.items())]) + "\n")


def write_shown(folder, searches=300):
    draw = random.Random(4)
    rows = ["search_id,user_id,at,genre,film_id,position,clicked"]
    for search in range(searches):
        taste = draw.choice(GENRES)
        shown = draw.sample(FILMS, 8)
        likes = [film for film in shown if film[1] == taste]
        pick = likes[0] if likes else None
        for place, film in enumerate(shown, 1):
            rows.append(f"s{search},u{search % 40},{1_767_225_600 + search * 60},{taste},{film[0]},{place},{int(film is pick)}")
    (folder / "shown.csv").write_text("\n".join(rows) + "\n")
