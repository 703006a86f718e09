"""Write a request in the shape of a Vercel Log Drain record: the carrier is a re-encoding, the request is real."""

import hashlib
from dataclasses import dataclass

HOST = "www.harborbooks.example"
DEPLOYMENT = "dpl_HarborBooksExample0000000001"
PROJECT = "prj_HarborBooksExample0000000001"
REGION = "iad1"


@dataclass(frozen=True)
class Served:
    """One answered request; times are seconds since the epoch, `size` is the body's length in bytes."""

    number: int
    started: float
    ended: float
    method: str
    route: str
    target: str
    status: int
    message: str
    size: int
    client_ip: str
    agent: str


def _level(status: int) -> str:
    return "error" if status >= 500 else "warning" if status >= 400 else "info"


def encode(served: Served) -> dict[str, object]:
    """Return the record of one request; `timestamp` is its end, `proxy.timestamp` its start, both in ms."""
    mark = hashlib.sha256(f"{served.number}-{served.started}".encode()).hexdigest()
    start_ms, end_ms = round(served.started * 1000), round(served.ended * 1000)
    request_id = f"{REGION}::{mark[:5]}-{start_ms}-{mark[5:17]}"
    proxy = {
        "timestamp": start_ms,
        "method": served.method,
        "host": HOST,
        "path": served.target,
        "userAgent": [served.agent],
        "region": REGION,
        "statusCode": served.status,
        "clientIp": served.client_ip,
        "scheme": "https",
        "responseByteSize": served.size,
        "vercelId": request_id,
        "vercelCache": "MISS",
        "lambdaRegion": REGION,
    }
    return {
        "id": f"{end_ms}{mark[17:37]}",
        "deploymentId": DEPLOYMENT,
        "source": "lambda",
        "host": HOST,
        "timestamp": end_ms,
        "projectId": PROJECT,
        "projectName": "harbor-books-web",
        "level": _level(served.status),
        "message": served.message,
        "entrypoint": served.route,
        "path": served.route,
        "type": "stderr" if served.status >= 500 else "stdout",
        "statusCode": served.status,
        "requestId": request_id,
        "environment": "production",
        "branch": "main",
        "executionRegion": REGION,
        "proxy": proxy,
    }
