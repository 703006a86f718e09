"""Secrets and people that are put into a sample at every place where a text stands, and must come out nowhere."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from telemetry.coverage import coverage_row
from telemetry.reading import Reading


@dataclass(frozen=True, slots=True)
class Canary:
    """A text to plant, and as a regular expression the part of it that nobody may ever read."""

    name: str
    text: str
    secret: str


CANARIES = (
    Canary("e-mail address", "kanarie.vogel@example.com", r"kanarie\.vogel\W{0,3}example"),
    # Behind a slash or a dot four numbers are a version or an odd name.
    Canary("IPv4 address", "198.51.100.77", r"(?<![\w./-])198\.51\.100\.77"),
    Canary("payment key", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWDarjt"),
    Canary("web token", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrYW5hcmllIn0.c2lnbmF0dXI", "eyJzdWIiOiJrYW5hcmllIn0"),
    Canary("address of a database", "postgres://app:kanarievogel9@db.internal:5432/shop", "kanarievogel9"),
    Canary("cloud key", "AKIAIOSFODNN7KANARIE", "AKIAIOSFODNN7KANARIE"),
)
# Values of JSON and CSV, literals of SQL, what stands behind an equals sign or a colon, plain words.
_SLOT = re.compile(
    r"\"[^\"\\\n{}\[\]]{3,80}\"|'[^'\n]{2,80}'|(?<==)[\w./-]{3,60}|(?<=: )[\w./-]{3,60}"
    r"|(?<![\w\"])[a-z][\w-]{4,40}(?![\w.@/])"
)


def slots(text: str, most: int) -> list[tuple[int, int]]:
    """Places of texts in a sample, spread evenly over it; quotation marks stay outside."""
    found = [match.span() for match in _SLOT.finditer(text)]
    spans = [(a + 1, b - 1) if text[a] in "\"'" else (a, b) for a, b in found]
    step = max(1, len(spans) // most)
    return spans[::step][:most]


def planted(text: str, most: int) -> Iterator[tuple[Canary, str]]:
    """The sample with one text replaced, the canaries taking turns."""
    for number, (start, end) in enumerate(slots(text, most)):
        canary = CANARIES[number % len(CANARIES)]
        if start and text[start - 1] in "/.@_-":
            continue  # part of a longer word: behind a slash it is a version, say
        yield canary, text[:start] + canary.text + text[end:]


def everything_said(reading: Reading) -> str:
    """All that is stored or shown of a reading, as one text."""
    rows = [asdict(row) for row in reading.result.evidence] if reading.result else []
    return json.dumps([rows, coverage_row(reading)], default=str, ensure_ascii=False)


def leaks(reading: Reading, canary: Canary) -> str:
    """What is told around the secret, "" when it is told nowhere."""
    said = everything_said(reading)
    found = re.search(canary.secret, said)
    return said[max(0, found.start() - 160) : found.end() + 80] if found else ""
