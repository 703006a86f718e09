"""The HTTP service of a world. Usage: service.py WORLD.json. Writes an access log and one record for each request."""

import json
import os
import random
import re
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import LifoQueue
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg
import records
import redis
from psycopg.rows import dict_row
from world import World, load

Row = dict[str, Any]
Connection = psycopg.Connection[Row]


class Refused(Exception):
    """A 4xx with its reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Shop:
    """Everything the pages share."""

    def __init__(self, world: World) -> None:
        self.world, self.n, self.k = world, world.names, world.knobs
        self.started = time.time()
        self.chance = random.Random(world.seed)
        self.cache = self._redis(world.cache_port)
        self.queue = self._redis(world.queue_port)
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._leaked: list[Connection] = []
        if not (self.k.connect_each or self.k.leak_connections):
            for _ in range(self.k.pool):
                self._idle.put(self.connect())

    def _redis(self, port: int) -> "redis.Redis[bytes]":
        return redis.Redis(port=port, socket_timeout=15, single_connection_client=False)

    def connect(self) -> Connection:
        name = f"{self.n.feed}-web"
        return psycopg.connect(self.world.dsn, autocommit=True, row_factory=dict_row, application_name=name)

    @contextmanager
    def lease(self) -> Iterator[Connection]:
        if self.k.leak_connections:
            connection = self.connect()
            self._leaked.append(connection)
            yield connection
            if len(self._leaked) > 400:
                self._leaked.pop(0).close()
        elif self.k.connect_each:
            with self.connect() as connection:
                yield connection
        else:
            connection = self._idle.get()
            try:
                yield connection
            finally:
                self._idle.put(connection)

    def call_partner(self) -> None:
        """Ask the other company's host; 502 when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.world.partner_port}/", timeout=20) as reply:
                reply.read()
        except OSError as error:
            raise Refused(502, f"{self.n.partner}: {error}") from error

    def enqueue(self, queue: str, job: Row) -> None:
        name = getattr(self.n, queue)
        self.queue.lpush(f"queue:{name}:waiting", json.dumps(job | {"at": time.time()}))


def _small(shop: Shop, db: Connection) -> None:
    for _ in range(shop.k.small_scans):
        db.execute(f"SELECT code, name, rate FROM {shop.n.table('small')} ORDER BY name").fetchall()


def listing(shop: Shop, who: int, query: Row) -> Any:
    n = shop.n
    bound = "" if shop.k.unbounded else " LIMIT 20"
    where = "" if shop.k.unbounded else f"WHERE {n.key('parent')} = %s "
    values = [] if shop.k.unbounded else [who % 5000 + 1]
    with shop.lease() as db:
        _small(shop, db)
        return db.execute(
            f"SELECT id, state, cents, created_at FROM {n.table('child')} {where}ORDER BY created_at DESC{bound}",
            values,
        ).fetchall()


def detail(shop: Shop, who: int, query: Row) -> Any:
    n = shop.n
    with shop.lease() as db:
        row = db.execute(f"SELECT * FROM {n.table('child')} WHERE id = %s", [who]).fetchone()
        if row is None:
            raise Refused(404, "not there")
        return row | {"lines": db.execute(
            f"SELECT l.pieces, i.name FROM {n.table('line')} l JOIN {n.table('item')} i ON i.id = l.{n.key('item')} "
            f"WHERE l.{n.key('child')} = %s", [who]).fetchall()}  # fmt: skip


def feed(shop: Shop, who: int, query: Row) -> Any:
    """The newest orders with their holders: one join, or a query for each of them."""
    n = shop.n
    child, parent = n.table("child"), n.table("parent")
    with shop.lease() as db:
        if not shop.k.n_plus_one:
            return db.execute(
                f"SELECT c.id, c.state, p.name FROM {child} c JOIN {parent} p ON p.id = c.{n.key('parent')} "
                "ORDER BY c.created_at DESC LIMIT 40"
            ).fetchall()
        rows = db.execute(
            f"SELECT id, state, {n.key('parent')} AS p FROM {child} ORDER BY created_at DESC LIMIT 40"
        ).fetchall()
        for row in rows:
            row["name"] = db.execute(f"SELECT name FROM {parent} WHERE id = %s", [row["p"]]).fetchone()
            row["lines"] = db.execute(
                f"SELECT id FROM {n.table('line')} WHERE {n.key('child')} = %s", [row["id"]]
            ).fetchall()
            row["paid"] = db.execute(
                f"SELECT state FROM {n.table('pay')} WHERE {n.key('child')} = %s", [row["id"]]
            ).fetchone()
        return rows


def item(shop: Shop, who: int, query: Row) -> Any:
    """One thing of the catalogue, from the cache where it is there."""
    key = f"{shop.n.cache}:{who}"
    cached = shop.cache.get(key)
    if shop.k.scan_keys:
        shop.cache.keys(f"{shop.n.cache}:{who}*")
    if shop.k.big_value_kb:
        shop.cache.get(f"{shop.n.cache}:all")
    if cached is not None:
        return json.loads(cached)
    time.sleep(shop.k.slow_item_ms / 1000)
    with shop.lease() as db:
        row = db.execute(
            f"SELECT id, name, cents, body FROM {shop.n.table('item')} WHERE id = %s", [who % 8000 + 1]
        ).fetchone()
    text = json.dumps({"row": row, "pad": "x" * shop.k.cache_bytes})
    shop.cache.set(key, text, ex=shop.k.cache_ttl_s or None)
    return row


def items(shop: Shop, who: int, query: Row) -> Any:
    with shop.lease() as db:
        return db.execute(f"SELECT id, name, cents FROM {shop.n.table('item')} ORDER BY sold DESC LIMIT 24").fetchall()


def pages(shop: Shop, who: int, query: Row) -> Any:
    """The back office's list: by key, or by page number."""
    n, page = shop.n, int(query.get("page", 1))
    with shop.lease() as db:
        if shop.k.deep_pages:
            return db.execute(
                f"SELECT id, state, cents FROM {n.table('child')} ORDER BY created_at DESC, id LIMIT 50 OFFSET %s",
                [page * 50],
            ).fetchall()
        return db.execute(
            f"SELECT id, state, cents FROM {n.table('child')} WHERE id < %s ORDER BY id DESC LIMIT 50", [who]
        ).fetchall()


def report(shop: Shop, who: int, query: Row) -> Any:
    n = shop.n
    with shop.lease() as db:
        if not shop.k.report_rows:
            return db.execute(f"SELECT day, cents FROM {n.report}_totals ORDER BY day DESC LIMIT 30").fetchall()
        return db.execute(
            f"SELECT i.name, l.{n.key('child')}, sum(l.pieces) AS pieces FROM {n.table('line')} l "
            f"JOIN {n.table('item')} i ON i.id = l.{n.key('item')} GROUP BY i.name, l.{n.key('child')} "
            "ORDER BY pieces DESC, 1 LIMIT 50"
        ).fetchall()


def buy(shop: Shop, who: int, query: Row) -> Any:
    n, k = shop.n, shop.k
    if shop.chance.random() < k.refused:
        raise Refused(422, "the form is not complete")
    parent = who % 5000 + 1
    if k.client_each:
        client = redis.Redis(port=shop.world.cache_port)  # left to be collected, which takes its time
        threading.Timer(4, client.close).start()
        client.ping()
    with shop.lease() as db:
        with db.transaction():
            if k.counter_hold_ms:
                db.execute(f"UPDATE {n.table('counter')} SET value = value + 1 WHERE name = 'number'")
                time.sleep(k.counter_hold_ms / 1000)
            row = (
                db.execute(
                    f"INSERT INTO {n.table('child')} ({n.key('parent')}, state, cents) "
                    "VALUES (%s, 'open', 500) RETURNING id",
                    [parent],
                ).fetchone()
                or {}
            )
            db.execute(f"INSERT INTO {n.table('pay')} ({n.key('child')}, state) VALUES (%s, 'open')", [row["id"]])
            db.execute(
                f"INSERT INTO {n.table('event')} (kind, note) VALUES ('bought', %s)",
                [os.urandom(k.write_bytes // 2).hex()],
            )
        for _ in range(k.churn):
            db.execute(
                f"UPDATE {n.table('parent')} SET seen = seen + 1, note = %s WHERE id = %s",
                ["s" * 300, shop.chance.randrange(50) + 1],
            )
        if k.call_in_lease_ms:
            time.sleep(k.call_in_lease_ms / 1000)
    if k.mail_in_request_ms:
        time.sleep(k.mail_in_request_ms / 1000)
    else:
        shop.enqueue("mail", {"order": row["id"]})
    shop.enqueue("hook", {"order": row["id"]})
    shop.cache.set(f"{n.session}:{parent}", "x" * 100, ex=1800)
    return row


def cancel(shop: Shop, who: int, query: Row) -> Any:
    return _both(shop, who, ("child", "pay"))


def hook(shop: Shop, who: int, query: Row) -> Any:
    return _both(shop, who, ("pay", "child") if shop.k.opposite_order else ("child", "pay"))


def _both(shop: Shop, who: int, order: tuple[str, str]) -> Any:
    """Change an order and its payment, one after the other."""
    n, number = shop.n, 1 if shop.k.opposite_order else who % 40 + 1
    with shop.lease() as db, db.transaction():
        for role in order:
            column = "id" if role == "child" else n.key("child")
            db.execute(f"UPDATE {n.table(role)} SET state = 'seen' WHERE {column} = %s", [number])
            if shop.k.opposite_order:
                time.sleep(0.15)
    return {"ok": True}


def partner(shop: Shop, who: int, query: Row) -> Any:
    shop.call_partner()
    return {"ok": True}


def sign_in(shop: Shop, who: int, query: Row) -> Any:
    if query.get("wrong"):
        raise Refused(401, "wrong password")
    with shop.lease() as db:
        return db.execute(f"SELECT id, name FROM {shop.n.table('parent')} WHERE id = %s", [who % 5000 + 1]).fetchone()


def small(shop: Shop, who: int, query: Row) -> Any:
    with shop.lease() as db:
        _small(shop, db)
        return db.execute(f"SELECT code, name, rate FROM {shop.n.table('small')} ORDER BY code").fetchall()


Page = Callable[[Shop, int, Row], Any]
PAGES: dict[str, tuple[str, Page]] = {
    "list": ("GET", listing), "detail": ("GET", detail), "feed": ("GET", feed), "item": ("GET", item),
    "items": ("GET", items), "pages": ("GET", pages), "report": ("GET", report), "buy": ("POST", buy),
    "cancel": ("POST", cancel), "hook": ("POST", hook), "partner": ("GET", partner), "sign_in": ("POST", sign_in),
    "small": ("GET", small),
}  # fmt: skip


class Front(BaseHTTPRequestHandler):
    """HTTP in and out, and the logs."""

    protocol_version = "HTTP/1.1"
    shop: Shop
    logs: records.Logs
    routes: list[tuple[re.Pattern[str], str, str]]

    def serve(self) -> None:
        started = time.time()
        where = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        route, status, said, body = self._answer(where.path, dict(parse_qsl(where.query)))
        if time.time() - started > self.shop.k.limit_s:
            status, said, body = 504, "FUNCTION_INVOCATION_TIMEOUT: Task timed out", b"{}"
        seen = records.Seen(started, time.time(), self.command, route, self.path, status, said, len(body),
                            self.headers.get("X-Forwarded-For", "203.0.113.1"),
                            self.headers.get("User-Agent", ""))  # fmt: skip
        self.logs.write(seen)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = serve

    def _answer(self, path: str, query: Row) -> tuple[str, int, str, bytes]:
        shop = self.shop
        for pattern, role, template in self.routes:
            found = pattern.fullmatch(path)
            if not found or PAGES[role][0] != self.command:
                continue
            since = (time.time() - shop.started) / shop.world.seconds
            if role == "buy" and since > shop.k.broken_after and shop.chance.random() < shop.k.broken_share:
                return template, 500, "TypeError: undefined is not a function", b"{}"
            try:
                who = int(found[1]) if found.groups() else shop.chance.randrange(1, shop.k.child_rows)
                return template, 200, "ok", json.dumps(PAGES[role][1](shop, who, query), default=str).encode()
            except Refused as refusal:
                return template, refusal.status, str(refusal), b"{}"
            except (psycopg.Error, redis.RedisError) as failure:
                return template, 500, f"{type(failure).__name__}: {str(failure).splitlines()[0]}", b"{}"
        return path, 404, "not found", b"{}"


def main(world: World) -> None:
    shop = Shop(world)
    Front.shop, Front.logs = shop, records.Logs(world)
    Front.routes = [
        (re.compile(re.escape(template).replace(re.escape("[id]"), r"(\d+)")), role, template)
        for role, template in world.names.routes().items()
    ]
    server = ThreadingHTTPServer(("127.0.0.1", world.service_port), Front)
    server.daemon_threads = True
    server.request_queue_size = 512
    (Path(world.folder) / "service.ready").touch()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    Front.log_message = lambda *_: None  # type: ignore[method-assign]
    main(load(sys.argv[1]))
