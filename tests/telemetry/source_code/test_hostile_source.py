"""Damaged, random and hostile source ends in evidence, in a note or in words; never in a crash or a hang."""

import io
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from telemetry.evidence import ParseError
from telemetry.parsers import source_code
from telemetry.source import Source
from telemetry.source_code import bundle
from telemetry.streams import decoded

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "samples" / "repos"
FILES = [path for path in sorted(SAMPLES.rglob("*")) if path.suffix in (".ts", ".tsx", ".py") and path.stat().st_size]
HANG_S = 20.0  # of processor time: an ordinary machine takes 2 to 3 s; what does not end is far above on a slow one
PARTS = [b"{", b"}", b"(", b"`", b"'", b"\x00", b"\xff", b"=>", b"async ", b"await ", b"\n", b"..."]


def read(files: list[tuple[str, bytes]], left_out: bundle.Counter[str]) -> source_code.ParseResult | ParseError:
    text = b"".join(bundle.written(files, left_out))
    start = time.process_time()
    result = parsed(text)
    assert time.process_time() - start < HANG_S
    return result


def parsed(text: bytes) -> source_code.ParseResult | ParseError:
    try:
        return source_code.parse(Source("repo.zip/source code", decoded(io.BytesIO(text))))
    except ParseError as problem:
        return problem


@pytest.mark.parametrize("seed", range(12))
def test_mutated_and_truncated_files(seed: int) -> None:
    chance = random.Random(seed)
    files = []
    for path in FILES:
        text = bytearray(path.read_bytes())
        for _ in range(chance.randrange(8)):
            at = chance.randrange(len(text))
            part = chance.choice(PARTS)
            text[at : at + chance.randrange(3)] = part
        cut = chance.choice([len(text), chance.randrange(len(text))])
        files.append((path.relative_to(SAMPLES).as_posix(), bytes(text[:cut])))
    left_out: bundle.Counter[str] = bundle.Counter()
    result = read(files, left_out)
    assert not isinstance(result, ParseError), result.message
    assert result.records + left_out.total() == len(files)
    assert result.records_lines + result.blank + result.rejected == result.lines


HOSTILE = {
    "brackets": b"(\n" * 100_000,
    "nested ifs": b"if(a)\n" * 40_000,
    "ternaries": b"a?b:\n" * 50_000,
    "arrows": b"()=>\n" * 40_000,
    "elements": b"<a>\n" * 60_000,
    "generics": b"a<b<c>(\n" * 30_000,
    "templates": b"`${\n" * 60_000,
    "chains": b"a" + b"\n.b()" * 50_000,
    "sums": b"a = 1" + b"\n+ 1" * 60_000,
    "awaits": b"await\n" * 40_000,
    "comments": b"/* a */\n" * 30_000,
    "queries": b"def a(request):\n" + b"    x = list(Order.objects.filter(a=1))\n" * 6_000,
    "loops": b"def a(request):\n" + b"    for o in os:\n        o.a.b\n" * 6_000,
    "webhook": b"export async function POST(r) {\n" + b"await prisma.a.create(r.body)\n" * 8_000 + b"}\n",
    "one line": b"x=1;" * 2_500_000,
    "random": random.Random(5).randbytes(250_000),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("ending", ["tsx", "py"])
def test_hostile_files_are_left_out_or_read_in_time(name: str, ending: str) -> None:
    served = b"from django.urls import path\nimport app.webhooks.route as v\nurlpatterns = [path('webhooks/', v.a)]\n"
    files = [("urls.py", served), (f"app/webhooks/route.{ending}", HOSTILE[name][: bundle.MAX_FILE_BYTES + 1])]
    result = read(files, bundle.Counter())
    if isinstance(result, ParseError):
        assert "Files left out" in result.message


def read_heavy() -> None:
    """Read those that cost the most memory, one after the other."""
    for name in ("arrows", "ternaries", "nested ifs", "sums"):
        read([("app/webhooks/route.tsx", HOSTILE[name][: bundle.MAX_FILE_BYTES])], bundle.Counter())


def test_hostile_files_stay_within_300_mb() -> None:
    """In a process of its own: trees live outside of Python's memory, and a high-water mark never falls."""
    code = (
        f"from {__name__} import read_heavy; from tests.telemetry.memory import peak_mb; read_heavy();print(peak_mb())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 10 < float(done.stdout) < 300


@pytest.mark.parametrize("cut", [10, 19, 25, 60, 100, 300])
def test_a_truncated_bundle(cut: int) -> None:
    text = b"".join(bundle.written([("app/a/route.ts", FILES[5].read_bytes())], bundle.Counter({"tests": 1})))[:cut]
    result = parsed(text)
    if isinstance(result, ParseError):
        assert "Send the repository" in result.message
    else:
        assert result.records_lines + result.blank + result.rejected == result.lines


def test_many_small_files_are_bounded() -> None:
    files = ((f"src/f{number}.py", b"x = 1\n") for number in range(bundle.MAX_FILES + 10))
    left_out: bundle.Counter[str] = bundle.Counter()
    text = b"".join(bundle.written(files, left_out))
    assert text.count(b"%file ") == bundle.MAX_FILES
    assert left_out == {bundle.MANY: 10}
