"""What the shop shares between its pages: connections, cache, queues, sessions and the shape of a request."""

import hashlib
import http.client
import json
import random
from dataclasses import dataclass, field
from typing import Any

import redis

from pool import Pool

SESSION_S = 86_400
RATE_WINDOW_S = 60


class Refused(Exception):
    """The request cannot be served as asked; `status` is what the client gets."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    method: str
    route: str
    params: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    token: str
    client_ip: str


@dataclass
class Shop:
    """One running shop. `jobs_port` is where the queue process takes new jobs."""

    dsn: str
    pool: Pool
    cache: redis.Redis
    jobs_port: int
    chance: random.Random = field(default_factory=random.Random)

    def enqueue(self, queue: str, name: str, payload: dict[str, object]) -> None:
        """Hand one job to BullMQ; RuntimeError when the queue process does not take it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.jobs_port, timeout=5)
        try:
            connection.request("POST", f"/{queue}/{name}", json.dumps(payload))
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != http.client.CREATED:
            raise RuntimeError(f"queue {queue} answered {status}")

    def count_call(self, client_ip: str) -> None:
        """Count a call of this address in the current minute: a key that expires, as a rate limiter would keep."""
        key = f"rate:{client_ip}"
        if self.cache.incr(key) == 1:
            self.cache.expire(key, RATE_WINDOW_S)

    def open_session(self, customer_id: int) -> str:
        token = hashlib.sha256(self.chance.randbytes(16)).hexdigest()
        self.cache.set(f"session:{token}", customer_id, ex=SESSION_S)
        return token

    def customer_of(self, request: Request) -> int:
        """Return the customer of a request's session; Refused(401) without one. An evicted session is looked up."""
        cached = self.cache.get(f"session:{request.token}") if request.token else None
        if cached is not None:
            return int(cached)
        with self.pool.lease() as connection:
            row = connection.execute(
                "SELECT customer_id FROM sessions WHERE token = %s AND expires_at > now()", [request.token]
            ).fetchone()
        if row is None:
            raise Refused(401, "sign in first")
        self.cache.set(f"session:{request.token}", int(row["customer_id"]), ex=SESSION_S)
        return int(row["customer_id"])
