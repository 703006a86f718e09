"""What the service and its platform write down of each request: an access log and a log drain."""

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from world import World


@dataclass(frozen=True, slots=True)
class Seen:
    """One answered request; times in seconds since the epoch, size in bytes."""

    started: float
    ended: float
    method: str
    route: str
    target: str
    status: int
    said: str
    size: int
    client: str
    agent: str


class Logs:
    """The files, written line by line."""

    def __init__(self, world: World) -> None:
        self.world = world
        folder = Path(world.folder)
        self._access = (folder / "access.log").open("w", buffering=1)
        self._drain = (folder / "drain.ndjson").open("w", buffering=1)
        self._lock, self._number, self.started = Lock(), 0, time.time()

    def write(self, seen: Seen) -> None:
        with self._lock:
            self._number += 1
            at = datetime.fromtimestamp(seen.ended, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
            self._access.write(
                f'{seen.client} - - [{at}] "{seen.method} {seen.target} HTTP/1.1" {seen.status} {seen.size} "-" '
                f'"{seen.agent}" {seen.ended - seen.started:.3f}\n'
            )
            self._drain.write(json.dumps(self._record(seen)) + "\n")

    def _record(self, seen: Seen) -> dict[str, object]:
        """The request as a Vercel log drain carries it: a re-encoding of a real request."""
        mark = hashlib.sha256(f"{self._number}-{seen.started}".encode()).hexdigest()
        start, end = round(seen.started * 1000), round(seen.ended * 1000)
        request = f"iad1::{mark[:5]}-{start}-{mark[5:17]}"
        broken = (
            self.world.knobs.broken_after < 1
            and seen.started - self.started > self.world.knobs.broken_after * self.world.seconds
        )
        deployment = "dpl_" + hashlib.sha256(f"{self.world.seed} {broken}".encode()).hexdigest()[:24]
        proxy = {
            "timestamp": start, "method": seen.method, "host": "www.lab.example", "path": seen.target,
            "userAgent": [seen.agent], "region": "iad1", "statusCode": seen.status, "clientIp": seen.client,
            "scheme": "https", "responseByteSize": seen.size, "vercelId": request,
            "vercelCache": self.world.knobs.cached if seen.method == "GET" and seen.route.endswith("s") else "MISS",
            "lambdaRegion": "iad1",
        }  # fmt: skip
        level = "error" if seen.status >= 500 else "warning" if seen.status >= 400 else "info"
        return {
            "id": f"{end}{mark[17:37]}", "deploymentId": deployment, "source": "lambda", "host": "www.lab.example",
            "timestamp": end, "projectId": "prj_lab", "projectName": "lab", "level": level,
            "message": f"{seen.method} {seen.route} {seen.status}" + (f": {seen.said}" if seen.status >= 400 else ""),
            "entrypoint": seen.route, "path": seen.route, "type": "stdout", "statusCode": seen.status,
            "requestId": request, "environment": "production", "branch": "main", "executionRegion": "iad1",
            "proxy": proxy,
        }  # fmt: skip
