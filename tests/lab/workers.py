"""The workers of a world's queues. Usage: workers.py WORLD.json. Samples the queues' counts every two seconds."""

import json
import random
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import redis
from world import World, load


class Queue:
    """One queue on Redis lists: waiting, active, and counters of what ended."""

    def __init__(self, world: World, name: str, fails: float) -> None:
        self.world, self.name, self.fails = world, name, fails
        self.redis = redis.Redis(port=world.queue_port, socket_timeout=30)
        self.chance = random.Random(f"{world.seed} {name}")

    def key(self, part: str) -> str:
        return f"queue:{self.name}:{part}"

    def work(self) -> None:
        """Do one job after the other, until the process ends."""
        knobs = self.world.knobs
        while True:
            job = self.redis.brpoplpush(self.key("waiting"), self.key("active"), timeout=5)
            if job is None:
                continue
            time.sleep(knobs.job_ms / 1000)
            tries = json.loads(job).get("tries", 0)
            failed = self.chance.random() < self.fails
            self.redis.lrem(self.key("active"), 1, job)
            if failed and tries < knobs.retry_at_once:
                self.redis.rpush(self.key("waiting"), json.dumps(json.loads(job) | {"tries": tries + 1}))
                self.redis.incr(self.key("retried"))
                continue
            self.redis.incr(self.key("failed" if failed else "completed"))
            if knobs.keep_jobs:
                self.redis.hset(self.key("done"), str(time.time()), job + b"x" * 2000)

    def counts(self) -> dict[str, float]:
        waiting = self.redis.lrange(self.key("waiting"), -1, -1)
        oldest = time.time() - json.loads(waiting[0])["at"] if waiting else 0.0
        number = {part: int(self.redis.get(self.key(part)) or 0) for part in ("completed", "failed")}
        return {
            "waiting": self.redis.llen(self.key("waiting")),
            "active": self.redis.llen(self.key("active")),
            "delayed": 0,
            **number,
            "workers": self.world.knobs.workers,
            "oldest_age_s": round(oldest, 1),
        }


def sample(world: World, queues: list[Queue]) -> None:
    """Write a line for each queue, as a client's own script would."""
    with (Path(world.folder) / "queues.csv").open("w", buffering=1) as out:
        out.write("time,queue,waiting,active,delayed,completed,failed,workers,oldest_age_s\n")
        while True:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            for queue in queues:
                out.write(f"{now},{queue.name},{','.join(str(value) for value in queue.counts().values())}\n")
            time.sleep(2)


def main(world: World) -> None:
    knobs = world.knobs
    queues = [Queue(world, world.names.mail, knobs.job_fails), Queue(world, world.names.hook, knobs.hook_fails)]
    for queue in queues:
        for _ in range(knobs.workers):
            threading.Thread(target=Queue(world, queue.name, queue.fails).work, daemon=True).start()
    (Path(world.folder) / "workers.ready").touch()
    sample(world, queues)


if __name__ == "__main__":
    main(load(sys.argv[1]))
