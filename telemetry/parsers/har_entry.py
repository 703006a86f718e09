"""One entry of a HAR as far as it may be told: address without its query, status, times, sizes. Nothing of a header,
a cookie or a body is kept; how many were left out is counted.

Fields after HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): a time of -1 does not apply, a status of 0
means that no answer came (blocked or aborted).
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from telemetry.evidence import ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.readers import JsonText, Member

_SECRET_HEADER = re.compile(r"cookie|authorization|token|api[-_]?key|secret|session", re.IGNORECASE)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r'"[^"\\]*"\s*:\s*[-+\w.]+')
_MAX_CHARS = 300


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the recording. Times in ms, sizes in bytes; None was not recorded."""

    entry: Member
    host: str
    path: str
    method: str
    status: int  # 0: no answer
    kind: str  # "document", "xhr", "image" ... as the browser says, else the type of the content
    started: datetime | None
    time: float | None
    wait: float | None  # until the first byte of the answer
    connect: float | None  # name, connection and TLS together
    size: int | None
    hidden: int  # cookies, secret headers, bodies and query strings left out

    @property
    def url(self) -> str:
        """Method and whole path, to see the same request again."""
        return f"{self.method} {self.host}{self.path}"


def call_of(entry: Member) -> Call | None:
    """The request of an entry, None when it is none."""
    record = entry.value if isinstance(entry.value, dict) else {}
    request, response = _object(record, "request"), _object(record, "response")
    url = request.get("url")
    if not isinstance(url, str) or not response:
        return None
    try:
        parts = urlsplit(url[:8_000])
        host = (parts.hostname or "").lower()[:200]
    except ValueError:
        return None
    status, timings, content = response.get("status"), _object(record, "timings"), _object(response, "content")
    connect = [value for name in ("dns", "connect") if (value := _ms(timings.get(name))) is not None]
    return Call(
        entry=entry,
        host=host or parts.scheme,
        path=parts.path or "/",
        method=str(request.get("method", ""))[:20].upper(),
        status=status if isinstance(status, int) and 100 <= status <= 599 else 0,
        kind=str(record.get("_resourceType") or content.get("mimeType") or "")[:60].partition(";")[0],
        started=_moment(record.get("startedDateTime")),
        time=_ms(record.get("time")),
        wait=_ms(timings.get("wait")),
        connect=sum(connect) if connect else None,
        size=_size(response, content),
        hidden=_hidden(request, response, content, bool(parts.query)),
    )


def _object(record: dict[str, Any], name: str) -> dict[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _ms(value: Any) -> float | None:
    """A time; -1 does not apply."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) if known and math.isfinite(value) else None


def _size(response: dict[str, Any], content: dict[str, Any]) -> int | None:
    """Bytes on the wire where the browser tells them, else of the body as sent, else unpacked."""
    for value in (response.get("_transferSize"), response.get("bodySize"), content.get("size")):
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
            return value
    return None


def _hidden(request: dict[str, Any], response: dict[str, Any], content: dict[str, Any], query: bool) -> int:
    hidden = int(query) + bool(request.get("postData")) + bool(content.get("text"))
    for side in (request, response):
        cookies, headers = side.get("cookies"), side.get("headers")
        hidden += len(cookies) if isinstance(cookies, list) else 0
        for header in headers if isinstance(headers, list) else []:
            hidden += isinstance(header, dict) and bool(_SECRET_HEADER.search(str(header.get("name"))))
    return hidden


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def place_of(document: JsonText, entry: Member, path: tuple[str, ...], result: ParseResult) -> Place:
    """Where a value of an entry stands. Only its key and value are quoted: what follows may be a cookie."""
    found, at = entry, entry.value_at
    for key in path:
        member = document.member(at, key)
        if member is None:
            return Place(document.line(found.at), "")
        found, at = member, member.value_at
    if isinstance(found.value, str):
        end = _STRING.match(document.text, at)
        text = document.text[found.at : end.end() if end else at]
        text = text.partition("?")[0] if path[-1] == "url" else text
    else:
        scalar = _SCALAR.match(document.text, found.at)
        text = scalar[0] if scalar else ""
    return Place(document.line(found.at), readers.quote(text.partition("\n")[0][:_MAX_CHARS], result))
