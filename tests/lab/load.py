"""Open-loop load on a world: arrivals keep their times whether or not the service keeps up. Usage: load.py WORLD.json

Writes felt.json: by role of the route what users felt (requests, failed, p50, p95 in seconds), measured at the client.
"""

import http.client
import json
import random
import statistics
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from world import World, load

# What people do, by weight.
MIX = {"item": 26, "list": 16, "items": 12, "detail": 10, "buy": 12, "feed": 8, "small": 4, "pages": 3, "report": 1.2,
       "hook": 4, "cancel": 2, "partner": 4, "sign_in": 4}  # fmt: skip
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
)
_TIMEOUT_S = 20


class Load:
    """The senders and what they felt."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(world.seed + 1)
        self.felt: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self.lock = threading.Lock()
        self.senders = ThreadPoolExecutor(200)

    def target(self, role: str) -> tuple[str, str, str]:
        """(method, target, agent) of one visit."""
        k, chance = self.world.knobs, self.chance
        route = self.world.names.routes()[role]
        number = chance.randrange(1, k.cache_keys) if role == "item" else chance.randrange(1, k.child_rows)
        target = route.replace("[id]", str(number))
        if chance.random() < k.missing and role == "detail":
            target = route.replace("[id]", str(k.child_rows * 50 + number))
        if role == "pages":
            target += f"?page={chance.randrange(1, 2000) if k.deep_pages else 1}"
        if role == "sign_in" and chance.random() < k.wrong_passwords:
            target += "?wrong=1"
        method = "POST" if role in ("buy", "hook", "cancel", "sign_in") else "GET"
        return method, target, chance.choice(_AGENTS)

    def send(self, role: str, method: str, target: str, agent: str, client: str, due: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.world.service_port, timeout=_TIMEOUT_S)
        status = 0
        try:
            connection.request(
                method, target, b"{}" if method == "POST" else None, {"User-Agent": agent, "X-Forwarded-For": client}
            )
            reply = connection.getresponse()
            reply.read()
            status = reply.status
        except OSError:
            status = 599
        finally:
            connection.close()
        with self.lock:
            self.felt[role].append((time.monotonic() - due, status))

    def run(self) -> None:
        world, k, chance = self.world, self.world.knobs, self.chance
        start = due = time.monotonic()
        roles, weights = list(MIX), list(MIX.values())
        while due < start + world.seconds:
            share = (due - start) / world.seconds
            busy = (2.0 if 0.5 < share < 0.75 else 0.67) if k.shape == "peak" else 1.0
            due += chance.expovariate(k.rate * busy)
            time.sleep(max(0.0, due - time.monotonic()))
            client = f"198.51.100.{chance.randrange(1, 250)}"
            if chance.random() < k.bots:
                where = chance.choice(("/wp-login.php", "/.env", "/phpmyadmin/index.php", "/robots.txt"))
                self.senders.submit(self.send, "bot", "GET", where, "Mozilla/5.0 zgrab/0.x", "203.0.113.66", due)
                continue
            if k.attack and chance.random() < 0.35:
                wrong = self.world.names.routes()["sign_in"] + "?wrong=1"
                self.senders.submit(self.send, "attack", "POST", wrong, "python-requests/2.31", "203.0.113.9", due)
                continue
            role = chance.choices(roles, weights)[0]
            self.senders.submit(self.send, role, *self.target(role), client, due)
        self.senders.shutdown()


def summed(felt: dict[str, list[tuple[float, int]]]) -> dict[str, dict[str, float]]:
    """By role: requests, share failed (5xx, no answer), median and 95th percentile in seconds."""
    rows = {}
    for role, seen in felt.items():
        times = sorted(seconds for seconds, _ in seen)
        rows[role] = {
            "requests": len(seen),
            "failed": round(sum(status >= 500 for _, status in seen) / len(seen), 4),
            "p50": round(statistics.median(times), 4),
            "p95": round(times[min(len(times) - 1, int(len(times) * 0.95))], 4),
        }
    return rows


if __name__ == "__main__":
    this = load(sys.argv[1])
    sender = Load(this)
    sender.run()
    (Path(this.folder) / "felt.json").write_text(json.dumps(summed(sender.felt), indent=1))
