"""Settings from the environment. A value that cannot be understood stops the start and names its variable."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "insecure", "example", "your-secret", "secret-key")
SECRET_LENGTH = 50  # Django's own security.W009 asks for this length
SECRET_VARIETY = 5  # and for this many different characters


def envstr(name: str, default: str = "") -> str:
    """Text; blank counts as not set."""
    return os.environ.get(name, "").strip() or default


def envbool(name: str, default: bool) -> bool:
    """A switch: 1/0, true/false, yes/no, on/off."""
    value = envstr(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")
    return value in TRUE


def envint(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number within its bounds."""
    value = envstr(name)
    try:
        number = int(value) if value else default
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from wrong
    if number < least or (most is not None and number > most):
        raise ImproperlyConfigured(f"{name}={number} is outside {least} to {'any' if most is None else most}.")
    return number


def envlist(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Comma-separated words."""
    return [word.strip() for word in envstr(name).split(",") if word.strip()] or list(default)


def envchoice(name: str, choices: tuple[str, ...]) -> str:
    """One of a few words; the first is the default."""
    value = envstr(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(choices)}.")
    return value


def envneeded(name: str, why: str) -> str:
    """Text that has no sensible default."""
    value = envstr(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why}")
    return value


def envsecret(name: str, *, generated: Path, production: bool) -> str:
    """The secret from the environment; outside production else one made once and kept in `generated`."""
    value = envstr(name)
    if not production:
        return value or generated_secret(generated)
    make = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"
    if not value:
        raise ImproperlyConfigured(f"{name} is not set, and a generated secret is not accepted in production. {make}")
    if generated.exists() and value == generated.read_text().strip():
        raise ImproperlyConfigured(f"{name} is the secret generated for development ({generated}). {make}")
    weak = len(value) < SECRET_LENGTH or len(set(value)) < SECRET_VARIETY
    if weak or any(word in value.lower() for word in PLACEHOLDERS):
        raise ImproperlyConfigured(f"{name} is a placeholder or shorter than {SECRET_LENGTH} characters. {make}")
    return value


def generated_secret(path: Path) -> str:
    """Read the secret in `path`, made on first use with mode 600. Two processes that start at once agree on one."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(60) + "\n")
        try:
            os.link(fresh, path)  # unlike a rename, fails when the other process was first
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def database_from(url: str) -> dict[str, Any]:
    """Django's database settings of a postgresql:// address; a socket folder is given as ?host=/folder."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL is not of the form postgresql://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def broker_from(url: str) -> str:
    """The same Redis in the words of the queue's client, which names a socket differently."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?{parts.query}".rstrip("?")
    if parts.scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured("REDIS_URL is not of the form redis://host:6379/0, rediss://… or unix:///socket.")
    return url
