"""Reading the environment: what is understood, and how a mistake is named."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from reviews.environment import broker_from, database_from, envbool, envchoice, envint, envlist, generated_secret
from reviews.serve.home import CHECKOUT

STRONG = "k3Vb-9sQzT7mXw2LdR8nHc5YpJ6fGtA1uEoI4rBxNvMqZaSyWj0DhKlPiU"
PRODUCTION = {
    "LOADLINE_ENV": "production",
    "LOADLINE_SECRET_KEY": STRONG,
    "LOADLINE_ALLOWED_HOSTS": "loadline.example",
    "DATABASE_URL": "postgresql://loadline:pw@db.example/loadline",
    "REDIS_URL": "redis://redis.example:6379/0",
}


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("off", False), (" ", True)]
)
def test_a_switch_is_understood(monkeypatch: pytest.MonkeyPatch, value: str, meaning: bool) -> None:
    monkeypatch.setenv("SWITCH", value)
    assert envbool("SWITCH", True) is meaning


@pytest.mark.parametrize("value", ["maybe", "2", "tru"])
def test_an_unclear_switch_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SWITCH", value)
    with pytest.raises(ImproperlyConfigured, match="SWITCH="):
        envbool("SWITCH", True)


@pytest.mark.parametrize("value", ["ten", "1.5", "-1", "70000"])
def test_a_number_outside_its_bounds_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT_HERE", value)
    with pytest.raises(ImproperlyConfigured, match="PORT_HERE="):
        envint("PORT_HERE", 1, least=1, most=65535)


def test_an_unknown_word_is_named_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "staging")
    with pytest.raises(ImproperlyConfigured, match="development, production"):
        envchoice("WORD", ("development", "production"))


def test_a_list_ignores_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMES", " a.example, ,b.example,")
    assert envlist("NAMES") == ["a.example", "b.example"]


def test_a_database_address_may_name_a_socket_folder_and_escape_its_password() -> None:
    socket = database_from("postgresql://loadline@/loadline?host=/run/pg")
    assert (socket["HOST"], socket["NAME"], socket["OPTIONS"]) == ("/run/pg", "loadline", {})
    remote = database_from("postgres://u:p%40ss@db.example:6432/app?sslmode=require")
    assert (remote["PASSWORD"], remote["PORT"], remote["OPTIONS"]) == ("p@ss", "6432", {"sslmode": "require"})


@pytest.mark.parametrize("url", ["mysql://h/d", "postgresql://h", "db.example"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database_from(url)


def test_the_queue_calls_a_socket_by_another_name() -> None:
    assert broker_from("unix:///run/redis.sock") == "redis+socket:///run/redis.sock"
    assert broker_from("rediss://h:6380/1") == "rediss://h:6380/1"
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        broker_from("amqp://h")


def test_a_generated_secret_is_long_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    first = generated_secret(path)
    assert len(first) >= 80
    assert generated_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["secret"]


def load_settings(home: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Import the settings in a process of their own with exactly this environment."""
    clean = {"PATH": os.environ["PATH"], "LOADLINE_HOME": str(home)}
    command = [sys.executable, "-c", "import reviews.settings"]
    return subprocess.run(command, env=clean | env, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_production_settings_load(tmp_path: Path) -> None:
    assert load_settings(tmp_path, **PRODUCTION).returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOADLINE_SECRET_KEY", ""),
        ("LOADLINE_SECRET_KEY", "short"),
        ("LOADLINE_SECRET_KEY", "a" * 80),
        ("LOADLINE_SECRET_KEY", "changeme-" + STRONG),
        ("LOADLINE_ALLOWED_HOSTS", ""),
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("LOADLINE_MAX_UPLOAD_MB", "0"),
        ("LOADLINE_ENV", "prod"),
    ],
)
def test_production_refuses_what_is_unsafe_and_names_it(tmp_path: Path, name: str, value: str) -> None:
    loaded = load_settings(tmp_path, **(PRODUCTION | {name: value}))
    assert loaded.returncode != 0
    assert name in loaded.stderr.strip().splitlines()[-1]


def test_production_refuses_the_secret_that_development_generated(tmp_path: Path) -> None:
    assert load_settings(tmp_path).returncode == 0
    generated = (tmp_path / "secrets" / "secret_key").read_text().strip()
    loaded = load_settings(tmp_path, **(PRODUCTION | {"LOADLINE_SECRET_KEY": generated}))
    assert "generated for development" in loaded.stderr
