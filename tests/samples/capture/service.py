"""The shop's HTTP service. Usage: service.py PORT DSN REDIS_PORT JOBS_PORT RECORDS_FILE"""

import itertools
import json
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TextIO
from urllib.parse import parse_qsl, urlsplit

import psycopg
import redis

import buying
import catalogue
import orders
from drain import Served, encode
from payments import PaymentTimeout
from pool import Pool
from routes import match
from shop import Refused, Request, Shop

FUNCTION_LIMIT_S = 3.0
POOL_SIZE = 30
PAGES: dict[tuple[str, str], Callable[[Shop, Request], object]] = {
    ("GET", "/"): catalogue.home,
    ("GET", "/api/books"): catalogue.books,
    ("GET", "/api/books/[id]"): catalogue.book,
    ("GET", "/api/search"): catalogue.search,
    ("GET", "/api/cart"): catalogue.cart,
    ("POST", "/api/checkout"): buying.checkout,
    ("GET", "/api/orders"): orders.orders,
    ("GET", "/api/orders/[id]"): orders.order,
    ("POST", "/api/orders/[id]"): buying.cancel,
    ("GET", "/api/account"): orders.account,
    ("POST", "/api/account"): orders.account,
    ("GET", "/api/admin/orders"): orders.admin_orders,
    ("GET", "/api/admin/reports/sales"): orders.sales_report,
    ("POST", "/api/webhooks/stripe"): buying.stripe_webhook,
    ("POST", "/api/login"): orders.login,
}


def _answer(shop: Shop, request: Request) -> tuple[int, str, object]:
    """Return (status, the line the service logs, the body); a failure of a part the shop depends on is a 5xx."""
    page = PAGES.get((request.method, request.route))
    if page is None:
        return 404, "not found", {"error": "not found"}
    shop.count_call(request.client_ip)
    try:
        return 200, "ok", page(shop, request)
    except Refused as refusal:
        return refusal.status, str(refusal), {"error": str(refusal)}
    except PaymentTimeout as silence:
        return 502, str(silence), {"error": "payment failed, nothing was charged"}
    except (psycopg.Error, redis.RedisError) as failure:
        return 500, f"{type(failure).__name__}: {str(failure).splitlines()[0]}", {"error": "internal error"}


def _answer_in_time(shop: Shop, request: Request, started: float) -> tuple[int, str, object]:
    """Answer, or say 504 when the answer came after the platform would have ended the function."""
    status, message, body = _answer(shop, request)
    if time.time() - started <= FUNCTION_LIMIT_S:
        return status, message, body
    message = f"FUNCTION_INVOCATION_TIMEOUT: Task timed out after {FUNCTION_LIMIT_S:.0f} seconds"
    return 504, message, {"error": {"code": "504", "message": "FUNCTION_INVOCATION_TIMEOUT"}}


class Front(BaseHTTPRequestHandler):
    """Turns HTTP into a Request, the answer into HTTP, and writes one record for each."""

    shop: Shop
    records: TextIO
    lock = Lock()
    numbers = itertools.count(1)

    def _serve(self) -> None:
        started = time.time()
        where = urlsplit(self.path)
        route, params = match(where.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        client_ip = self.headers.get("X-Forwarded-For", "203.0.113.1")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        request = Request(self.command, route, params, dict(parse_qsl(where.query)), body, token, client_ip)
        status, message, answer = _answer_in_time(self.shop, request, started)
        payload = json.dumps(answer, default=str).encode()
        self._record(request, started, status, message, len(payload))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = _serve

    def _record(self, request: Request, started: float, status: int, message: str, size: int) -> None:
        ended = time.time()
        line = f"{request.method} {request.route} {status} in {(ended - started) * 1000:.0f}ms"
        served = Served(
            number=next(self.numbers),
            started=started,
            ended=ended,
            method=request.method,
            route=request.route,
            target=self.path,
            status=status,
            message=line if status < 400 else f"{line}: {message}",
            size=size,
            client_ip=request.client_ip,
            agent=self.headers.get("User-Agent", ""),
        )
        with self.lock:
            self.records.write(json.dumps(encode(served), separators=(",", ":")) + "\n")

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet: nginx writes the access log."""


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


def main(port: str, dsn: str, redis_port: str, jobs_port: str, records: str) -> None:
    cache = redis.Redis(port=int(redis_port), decode_responses=True)
    Front.shop = Shop(dsn, Pool(dsn, POOL_SIZE), cache, int(jobs_port))
    with open(records, "w", buffering=1) as Front.records:
        Server(("127.0.0.1", int(port)), Front).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
