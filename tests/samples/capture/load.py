"""Drive the shop through nginx, open loop: arrivals keep their times whether or not the shop keeps up.

Usage: load.py PORT SECONDS REQUESTS_PER_SECOND. Prints {"sent": n, "late": n, "unanswered": n} as JSON.
"""

import http.client
import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from shoppers import Call, Shopper, login_of, make_shoppers, next_call, probe

_THREADS = 96
_TIMEOUT_S = 25
_LATE_S = 0.25
_PROBE_SHARE = 0.012
_CANCEL_EVERY = 85
_SIGN_IN_AGAIN = 0.03
_WRONG_PASSWORD = 0.05
_PROVIDER = Shopper(0, "203.0.113.254", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")


class Load:
    """The senders' shared state: one chance, the shoppers and a tally."""

    def __init__(self, port: int, seed: int = 7) -> None:
        self.port = port
        self.chance = random.Random(seed)
        self.shoppers = make_shoppers(self.chance)
        self.tally: Counter[str] = Counter()
        self.senders = ThreadPoolExecutor(_THREADS)

    def send(self, shopper: Shopper, call: Call) -> dict[str, object]:
        """Send one request and return its JSON answer; {} when it failed or never came."""
        headers = {"User-Agent": shopper.agent, "X-Forwarded-For": shopper.address}
        if shopper.token:
            headers["Authorization"] = f"Bearer {shopper.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_S)
        try:
            connection.request(call.method, call.target, call.body, headers)
            reply = connection.getresponse()
            answer = json.loads(reply.read()) if reply.status == http.client.OK else {}
        except OSError:
            self.tally["unanswered"] += 1
            return {}
        finally:
            connection.close()
        return answer if isinstance(answer, dict) else {}

    def visit(self, due: float) -> None:
        """Make one visit that was due at `due`: perhaps sign in first, then ask, then what follows a purchase."""
        self.tally["late"] += time.monotonic() - due > _LATE_S
        if self.chance.random() < _PROBE_SHARE:
            self.send(*probe(self.chance))
            return
        shopper, call = self.chance.choice(self.shoppers), next_call(self.chance)
        if call.signed_in and (not shopper.token or self.chance.random() < _SIGN_IN_AGAIN):
            if self.chance.random() < _WRONG_PASSWORD:
                self.send(shopper, login_of(shopper, wrong=True))
            shopper.token = str(self.send(shopper, login_of(shopper)).get("token", ""))
        answer = self.send(shopper, call)
        if "total_cents" in answer and call.target == "/api/checkout":
            self.follow(shopper, int(str(answer["order"])))

    def follow(self, shopper: Shopper, order: int) -> None:
        """Send the provider's callback for an order, now and then at the moment when its buyer cancels it."""
        callback = Call("POST", "/api/webhooks/stripe", json.dumps({"order": order}))
        if order % _CANCEL_EVERY == 0:
            self.senders.submit(self.send, shopper, Call("POST", f"/api/orders/{order}"))
        self.send(_PROVIDER, callback)

    def run(self, seconds: float, rate: float) -> None:
        """Start visits for `seconds`, at `rate` a second on average and 1.4 times as many in the middle third."""
        start = due = time.monotonic()
        while due < start + seconds:
            busy = 1.4 if 1 / 3 < (due - start) / seconds < 2 / 3 else 0.8
            due += self.chance.expovariate(rate * busy)
            time.sleep(max(0.0, due - time.monotonic()))
            self.tally["sent"] += 1
            self.senders.submit(self.visit, due)
        self.senders.shutdown()


def main(port: str, seconds: str, rate: str) -> None:
    load = Load(int(port))
    load.run(float(seconds), float(rate))
    print(json.dumps(load.tally))


if __name__ == "__main__":
    main(*sys.argv[1:])
