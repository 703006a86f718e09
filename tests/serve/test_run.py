"""What ./run says to wrong arguments, before it makes or installs anything."""

import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "run"


def started_with(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", RUN, *arguments], capture_output=True, text=True, timeout=120, check=False, cwd="/")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_shown_and_nothing_served(flag: str) -> None:
    done = started_with(flag)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Loadline on this machine: ./run makes .venv")
    assert "--install" in done.stdout


@pytest.mark.parametrize(("arguments", "said"), [(["--serve"], "--help"), (["--apt"], "needs the name of a package")])
def test_a_wrong_argument_is_refused(arguments: list[str], said: str) -> None:
    done = started_with(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
