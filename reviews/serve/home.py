"""Where a running Loadline keeps what is not code: data, secrets, logs, sockets."""

import hashlib
import importlib.util
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# sun_path holds 104 bytes on macOS and 108 on Linux; PostgreSQL adds "/.s.PGSQL.5432.lock" to the folder.
SOCKET_FOLDER_BYTES = 80


@dataclass(frozen=True)
class Home:
    """The folder `LOADLINE_HOME`, by default `var` in the checkout. Every folder in it is for its owner only."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """The home that this process should use."""
        return cls(Path(os.environ.get("LOADLINE_HOME", "").strip() or CHECKOUT / "var").expanduser().resolve())

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres" / "18"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: in the home, or in the system's temporary folder when that path is too long."""
        folder = self.run / "sockets"
        if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES:
            return folder
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"loadline-{os.getuid()}-{digest}"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / "pg"

    @property
    def database_url(self) -> str:
        return f"postgresql://loadline@/loadline?host={self.postgres_socket}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'redis.sock'}"

    def create(self) -> None:
        """Make the folders; refuses a socket folder that somebody else has put there first."""
        for folder in (self.root, self.secrets, self.logs, self.run, self.files, self.incoming, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.sockets.stat().st_uid != os.getuid():
            raise PermissionError(f"{self.sockets} belongs to another user; remove it or set LOADLINE_HOME.")


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it: we want its programs, not its side effects."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{name} is not installed: remove .venv and start again.")
    return Path(spec.origin).resolve().parent
