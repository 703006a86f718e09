"""What damaged, forged and unlucky files look like: mutations of the samples, the same for the same seed."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence

Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

_NASTY = (
    b"", b"-1", b"0", b"NaN", b"1e999", b"-0.0", b"18446744073709551616", b"9" * 400, b"null", b"true", b"{}", b"[]",
    b'""', b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"0000-00-00 00:00:00", b"9999-12-31T23:59:60Z", b"%s%n",
    b"{{7*7}}", b"=1+1", b"../../etc/passwd", b"<script>", b"' OR 1=1 --", b"((((((((((", b"\\u0000", b"1,5",
    "ſ".encode(), "𝟙".encode(), b"292277026596-12-04", b"1_000", b"1.234,5", b"\xc2\xa0", b"a" * 70_000,
)  # fmt: skip
_TOKEN = re.compile(rb"-?\d+(?:\.\d+)?|\"[^\"\n]{0,60}\"|\w+|[^\s\w]")


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


def cut(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def lose_the_start(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def flip_bytes(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20) if data else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def replace_tokens(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Numbers, texts, words and marks become what nobody expects."""
    tokens = list(_TOKEN.finditer(data[:200_000]))
    chosen = chance.sample(tokens, min(len(tokens), chance.choice((1, 1, 2, 5, 30))))
    for token in sorted(chosen, key=lambda found: -found.start()):
        data = data[: token.start()] + chance.choice(_NASTY) + data[token.end() :]
    return data


def shuffle_lines(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    lines = _lines(data)
    for _ in range(chance.randint(1, 6)):
        a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0:
            lines[a], lines[b] = lines[b], lines[a]
        elif kind == 1:
            lines.insert(a, lines[b])
        elif kind == 2 and len(lines) > 1:
            del lines[a]
        else:
            lines[a] = lines[a] + lines[b]
    return b"\n".join(lines)


def splice(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Two exports in one file."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def repeat(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A part many times over: deep nesting, long lines, endless lists."""
    start = chance.randrange(len(data) + 1)
    part = data[start : start + chance.choice((1, 2, 8, 64, 512))]
    return data[:start] + part * chance.choice((2, 50, 2_000)) + data[start:]


def other_encoding(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    text = data.decode("utf-8", "replace")
    kind = chance.choice(("utf-16", "utf-16-le", "utf-32", "cp437", "crlf", "cr", "bom"))
    if kind == "crlf":
        return data.replace(b"\n", b"\r\n")
    if kind == "cr":
        return data.replace(b"\n", b"\r")
    return b"\xef\xbb\xbf" + data if kind == "bom" else text.encode(kind, "replace")


CHANGES: tuple[Change, ...] = (
    cut, lose_the_start, flip_bytes, replace_tokens, replace_tokens, replace_tokens, shuffle_lines, splice, repeat,
    other_encoding,
)  # fmt: skip


def forged_repository(seed: int, files: Sequence[tuple[str, bytes]]) -> bytes:
    """Two to six files of applications, most of them mutated, as a zip; one may lie in the folder of another."""
    chance, out = random.Random(seed), io.BytesIO()
    known = [data for _, data in files]
    chosen = chance.sample(range(len(files)), min(chance.randint(2, 6), len(files)))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in dict.fromkeys(chosen):
            name, data = files[at]
            for _ in range(chance.choice((0, 1, 1, 2, 3))):
                data = chance.choice(CHANGES)(chance, data, known)
            if chance.randrange(5) == 0:
                folder, last = files[chance.choice(chosen)][0].rpartition("/")[0], name.split("/")[-1]
                name = f"{folder}/{chance.randrange(9)}{last}"
            archive.writestr(name.lstrip("/"), data[: 1024 * 1024])
    return out.getvalue()


def mutated(seed: int, samples: Sequence[bytes]) -> bytes:
    """One sample with one to three changes; at most 8 MB."""
    chance = random.Random(seed)
    data = samples[seed % len(samples)]
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(CHANGES)(chance, data, samples)
    return data[: 8 * 1024 * 1024]
