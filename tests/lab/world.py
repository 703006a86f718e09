"""One world: names, the knobs that a scenario turns, and where its servers are. Handed to every process as JSON."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from names import Names


@dataclass(frozen=True, slots=True)
class Knobs:
    """How the system is built. The defaults are healthy; a fault is one or more turned the wrong way."""

    # database
    index_on_child: bool = True
    analyze: bool = True
    autovacuum: bool = True
    autovacuum_scale: float = 0.05
    max_connections: int = 100
    max_wal_mb: int = 1024
    work_mem_kb: int = 8192
    shared_buffers_mb: int = 256
    spare_indexes: int = 0
    child_rows: int = 120_000
    # the service and its database
    pool: int = 20
    connect_each: bool = False
    leak_connections: bool = False
    n_plus_one: bool = False
    unbounded: bool = False
    counter_hold_ms: int = 0
    opposite_order: bool = False
    call_in_lease_ms: int = 0
    deep_pages: bool = False
    report_rows: int = 0  # lines that the report reads; 0: the report reads a prepared row
    write_bytes: int = 200  # of an audit entry
    churn: int = 0  # updates of one small table for each order
    small_scans: int = 1  # of the small table for each page
    purged_rows: int = 0  # rows that were put into the small table and deleted again
    # who else is there
    idle_in_transaction: bool = False
    ddl_after_s: float = 0.0
    batch: bool = False
    # Redis
    redis_mb: int = 128
    policy: str = "noeviction"
    append_only: bool = True
    maxclients: int = 2_000
    cache_ttl_s: int = 300
    cache_bytes: int = 1_500
    cache_keys: int = 2_000
    scan_keys: bool = False
    big_value_kb: int = 0
    filler_keys: int = 0
    shared_redis: bool = False  # the queue lives in the cache's Redis
    client_each: bool = False
    # queues
    workers: int = 2
    job_ms: int = 15
    job_fails: float = 0.0
    retry_at_once: int = 0
    keep_jobs: bool = False
    waiting_at_start: int = 0  # jobs that came within the last two minutes
    hook_fails: float = 0.0
    # the platform
    mail_in_request_ms: int = 0
    partner_ms: int = 40
    partner_fails: float = 0.0
    broken_after: float = 1.0  # share of the run after which a deployment breaks a route
    broken_share: float = 0.0
    limit_s: float = 10.0
    slow_item_ms: int = 0
    cached: str = "HIT"
    rate: float = 25.0
    shape: str = "steady"  # steady | peak
    bots: float = 0.01
    wrong_passwords: float = 0.02
    attack: bool = False
    missing: float = 0.01  # requests for what is not there
    refused: float = 0.0  # requests with input that is refused (422)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a process of the lab must know."""

    seed: int
    names: Names
    knobs: Knobs
    folder: str
    seconds: float
    database_port: int = 0
    cache_port: int = 0
    queue_port: int = 0
    service_port: int = 0
    partner_port: int = 0

    @property
    def dsn(self) -> str:
        return f"host=127.0.0.1 port={self.database_port} dbname=lab user=lab_app"

    def save(self) -> Path:
        """Write it where the processes find it."""
        path = Path(self.folder) / "world.json"
        path.write_text(json.dumps(asdict(self)))
        return path


def load(path: str) -> World:
    """The world of a file."""
    found = json.loads(Path(path).read_text())
    return World(**found | {"names": Names(**found["names"]), "knobs": Knobs(**found["knobs"])})


def knobs_of(turned: dict[str, object]) -> Knobs:
    """The healthy knobs with some of them turned; ValueError names one that does not exist."""
    unknown = set(turned) - {field.name for field in fields(Knobs)}
    if unknown:
        raise ValueError(f"no such knob: {', '.join(sorted(unknown))}")
    return Knobs(**turned)  # type: ignore[arg-type]
