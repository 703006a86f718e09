"""The pages that sell: home, lists, one book, search, cart. Well indexed; their cache is what goes wrong."""

import json
from typing import Any

from pool import Row
from shop import Refused, Request, Shop

HOME_S = 60
_CARD = "SELECT id, title, price_cents FROM books"


def home(shop: Shop, request: Request) -> Any:
    cached = shop.cache.get("cache:home")
    if cached is not None:
        return json.loads(cached)
    with shop.pool.lease() as connection:
        best = connection.execute(f"{_CARD} ORDER BY sold DESC LIMIT 20").fetchall()
    shop.cache.set("cache:home", json.dumps(best), ex=HOME_S)
    return best


def books(shop: Shop, request: Request) -> list[Row]:
    category = request.query.get("category", "sea")
    with shop.pool.lease() as connection:
        return connection.execute(f"{_CARD} WHERE category = %s ORDER BY sold DESC, id LIMIT 24", [category]).fetchall()


def _page_of(row: Row) -> str:
    """Return the rendered page of a book, about 11 kB, as the shop caches it."""
    related = [{"title": row["title"], "blurb": str(row["blurb"])[:300], "rank": rank} for rank in range(30)]
    return json.dumps(row | {"related": related})


def book(shop: Shop, request: Request) -> Any:
    # The fault: this key never expires, so the cache grows with every book that anyone ever looked at.
    key = f"cache:book:{request.params['id']}"
    cached = shop.cache.get(key)
    if cached is not None:
        return json.loads(cached)
    with shop.pool.lease() as connection:
        row = connection.execute(
            "SELECT id, category, title, blurb, price_cents FROM books WHERE id = %s", [int(request.params["id"])]
        ).fetchone()
    if row is None:
        raise Refused(404, "no such book")
    page = _page_of(row)
    shop.cache.set(key, page)
    return json.loads(page)


def search(shop: Shop, request: Request) -> list[Row]:
    with shop.pool.lease() as connection:
        return connection.execute(
            f"{_CARD} WHERE words @@ websearch_to_tsquery('english', %s) ORDER BY sold DESC LIMIT 20",
            [request.query.get("q", "lantern")],
        ).fetchall()


def cart(shop: Shop, request: Request) -> Row:
    shop.customer_of(request)
    with shop.pool.lease() as connection:
        lines = connection.execute(
            "SELECT b.id, b.title, b.price_cents, i.copies FROM books b JOIN inventory i ON i.book_id = b.id "
            "WHERE b.id = ANY(%s)",
            [[int(number) for number in request.query.get("books", "1").split(",")]],
        ).fetchall()
        # The healthy decoy: 200 rows on two pages are read whole, and should be.
        rates = connection.execute("SELECT code, name, vat_rate FROM countries ORDER BY name").fetchall()
    return {"lines": lines, "countries": [[row["code"], row["name"]] for row in rates]}
