"""A PostgreSQL cluster of its own in a temporary folder, run by a user who is not root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
APP_ROLE = "harbor_app"
DATABASE = "harbor"
# The shop rents a small database: one core, as `taskset` names it.
DATABASE_CORE = "0"


def postgres_bin() -> Path | None:
    """Return the newest installed folder that holds `initdb`; None when the server package is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Cluster:
    """A cluster in `folder` on a loopback `port`; commands run as `postgres` when we are root."""

    bin: Path
    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"

    def dsn(self, role: str = APP_ROLE) -> str:
        return f"host=127.0.0.1 port={self.port} dbname={DATABASE} user={role}"

    def run(self, program: str, *arguments: str, text: str | None = None, cores: str = "") -> str:
        """Run one of PostgreSQL's programs, on `cores` if given; return its output or raise CalledProcessError."""
        command = [*(["taskset", "-c", cores] if cores else []), str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, input=text, cwd="/", check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def sql(self, text: str, database: str = DATABASE) -> str:
        """Run SQL as the superuser and return psql's output, unaligned and without headers."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        return self.run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, text=text)

    def start(self, log: Path, cores: str = "") -> None:
        # The server inherits pg_ctl's output; a pipe there would keep `run` waiting for ever.
        self.run("pg_ctl", "-D", str(self.folder / "pg"), "-l", str(log), "-w", "-s", "start", cores=cores)

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "pg"), "-m", "fast", "-w", "-s", "stop")


def _create(cluster: Cluster) -> None:
    cluster.folder.mkdir()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(cluster.folder, owner.pw_uid, owner.pw_gid)
    cluster.run(
        "initdb", "-D", str(cluster.folder / "pg"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
    )
    with (cluster.folder / "pg" / "postgresql.conf").open("a") as settings:
        settings.write((HERE / "postgresql.capture.conf").read_text() + f"port = {cluster.port}\n")


def _fill(cluster: Cluster) -> None:
    """Create and fill the shop, then forget the statistics of loading it so that only the shop's own work counts."""
    cluster.sql(f"CREATE DATABASE {DATABASE}", database="postgres")
    cluster.sql(f"CREATE ROLE {APP_ROLE} LOGIN")
    for name in ("schema.sql", "seed.sql"):
        cluster.sql((HERE / name).read_text())
    cluster.sql("SELECT pg_stat_reset()")
    # After the reset, not before: VACUUM ANALYZE is what writes n_live_tup again.
    cluster.sql("VACUUM (ANALYZE)")
    cluster.sql("CHECKPOINT")
    cluster.sql("SELECT pg_stat_statements_reset()")


@contextmanager
def running_cluster(binaries: Path, folder: Path, port: int) -> Iterator[Cluster]:
    """Yield a filled, running cluster whose `log` starts at a clean restart after the load; removes it at the end."""
    cluster = Cluster(binaries, folder, port)
    _create(cluster)
    cluster.start(folder / "loading.log")
    try:
        _fill(cluster)
    finally:
        cluster.stop()
    cluster.start(cluster.log, cores=DATABASE_CORE)
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
