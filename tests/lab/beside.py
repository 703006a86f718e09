"""Who else is there: the partner's host, a session that forgot its transaction, a schema change, a nightly batch.

Usage: beside.py WORLD.json
"""

import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
from world import World, load


def partner(world: World) -> None:
    """The other company: answers after a while, or not at all."""
    knobs, chance = world.knobs, random.Random(world.seed)

    class Partner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(knobs.partner_ms / 1000 * chance.uniform(0.6, 1.6))
            broken = chance.random() < knobs.partner_fails
            self.send_response(503 if broken else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", world.partner_port), Partner)
    server.request_queue_size = 256
    server.serve_forever()


def forgotten(world: World) -> None:
    """A session that reads something, keeps its transaction open, and never comes back."""
    options = "-c idle_in_transaction_session_timeout=0"
    with psycopg.connect(world.dsn, application_name=f"{world.names.report}-sync", options=options) as connection:
        row = world.names
        connection.execute(f"UPDATE {row.table('parent')} SET seen = seen + 1 WHERE id <= 60")
        time.sleep(world.seconds + 60)


def change_schema(world: World) -> None:
    """ALTER TABLE behind a transaction that reads the table: everybody else queues behind both."""
    child = world.names.table("child")
    time.sleep(world.knobs.ddl_after_s)
    reader = psycopg.connect(world.dsn, application_name=f"{world.names.report}-export")
    reader.execute(f"SELECT count(*) FROM {child}")
    threading.Timer(8, reader.rollback).start()
    with psycopg.connect(
        world.dsn.replace("lab_app", "postgres"), application_name="migrate", autocommit=True
    ) as owner:
        owner.execute(f"ALTER TABLE {child} ADD COLUMN later text")


def batch(world: World) -> None:
    """A report that a role of its own runs once, as every night; nobody waits for it."""
    names = world.names
    time.sleep(world.seconds * 0.3)
    with psycopg.connect(world.dsn.replace("lab_app", "lab_batch"), application_name="nightly") as connection:
        connection.execute(
            f"SELECT {names.key('item')}, sum(pieces) FROM {names.table('line')} GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
        )


def main(world: World) -> None:
    jobs = [partner]
    jobs += [forgotten] if world.knobs.idle_in_transaction else []
    jobs += [change_schema] if world.knobs.ddl_after_s else []
    jobs += [batch] if world.knobs.batch else []
    for job in jobs:
        threading.Thread(target=job, args=(world,), daemon=True).start()
    (Path(world.folder) / "beside.ready").touch()
    threading.Event().wait()


if __name__ == "__main__":
    main(load(sys.argv[1]))
