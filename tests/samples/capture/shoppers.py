"""Who visits the shop and what they ask for: addresses, browsers, popular books and the mix of requests."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

BOOKS, CUSTOMERS, ORDERS = 20_000, 40_000, 300_000
READERS = 250
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile",
    "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
)
_SEARCHES = ("lantern", "silver tide", "lighthouse", "hidden compass", "ferry", "brave captain", "herring", "calm wake")
_CATEGORIES = ("fiction", "history", "sea", "cooking", "travel", "science", "poetry", "children")
_PROBES = ("/wp-login.php", "/.env", "/phpmyadmin/", "/.git/config", "/xmlrpc.php", "/admin.php")


@dataclass
class Shopper:
    """One visitor. `token` is empty until the visitor has signed in."""

    number: int
    address: str
    agent: str
    token: str = ""


@dataclass(frozen=True)
class Call:
    method: str
    target: str
    body: str | None = None
    signed_in: bool = False


def make_shoppers(chance: random.Random) -> list[Shopper]:
    """Return `READERS` shoppers with addresses of the two documentation networks."""
    return [
        Shopper(
            number=chance.randint(1, CUSTOMERS),
            address=f"{chance.choice(('203.0.113', '198.51.100'))}.{chance.randint(2, 250)}",
            agent=chance.choice(_BROWSERS),
        )
        for _ in range(READERS)
    ]


def probe(chance: random.Random) -> tuple[Shopper, Call]:
    """Return a scanner's request: always the same address and a path that the shop does not have."""
    return Shopper(0, "198.51.100.251", "Mozilla/5.0 zgrab/0.x"), Call("GET", chance.choice(_PROBES))


def login_of(shopper: Shopper, wrong: bool = False) -> Call:
    password = "forgotten" if wrong else f"tide-{shopper.number}"
    credentials = {"email": f"reader{shopper.number}@example.com", "password": password}
    return Call("POST", "/api/login", json.dumps(credentials))


def _book(chance: random.Random) -> int:
    """Return a book: few are very popular, every one is looked at now and then."""
    return 1 + min(int(chance.paretovariate(0.35)) * 37, chance.randint(0, 2 * BOOKS)) % BOOKS


def _books(chance: random.Random) -> list[int]:
    return [_book(chance) for _ in range(chance.randint(1, 3))]


def _checkout(chance: random.Random) -> Call:
    return Call("POST", "/api/checkout", json.dumps({"books": _books(chance)}), signed_in=True)


def _admin(chance: random.Random) -> Call:
    # Staff look at the newest pages, and at old ones when an order is disputed.
    page = chance.randint(0, 5) if chance.random() < 0.5 else chance.randint(800, 4000)
    return Call("GET", f"/api/admin/orders?page={page}", signed_in=True)


def _cart(chance: random.Random) -> Call:
    return Call("GET", f"/api/cart?books={','.join(map(str, _books(chance)))}", signed_in=True)


def _account(chance: random.Random) -> Call:
    return Call("POST" if chance.random() < 0.1 else "GET", "/api/account", signed_in=True)


MIX: tuple[tuple[float, Callable[[random.Random], Call]], ...] = (
    (8, lambda chance: Call("GET", "/")),
    (11, lambda chance: Call("GET", f"/api/books?category={chance.choice(_CATEGORIES)}")),
    (40, lambda chance: Call("GET", f"/api/books/{_book(chance)}")),
    (12, lambda chance: Call("GET", f"/api/search?q={chance.choice(_SEARCHES).replace(' ', '+')}")),
    (7, _cart),
    (4.5, _checkout),
    (3.6, lambda chance: Call("GET", "/api/orders", signed_in=True)),
    (7, lambda chance: Call("GET", f"/api/orders/{chance.randint(1, ORDERS)}", signed_in=True)),
    (2, _account),
    (1.2, _admin),
    (0.2, lambda chance: Call("GET", "/api/admin/reports/sales", signed_in=True)),
)


def next_call(chance: random.Random) -> Call:
    makers = [maker for _, maker in MIX]
    return chance.choices(makers, weights=[weight for weight, _ in MIX])[0](chance)
