"""Logs of managed services as CSV with a header: CloudWatch Insights, Datadog, Supabase's Logs Explorer."""

from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.enveloped import Entry, EnvelopeReader
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.json_envelopes import CUT
from telemetry.parsers.postgres.named import named_fields
from telemetry.parsers.postgres.prefix import has_severity
from telemetry.parsers.postgres.replay import Replayed
from telemetry.parsers.postgres.stamps import moment_of
from telemetry.parsers.readers import Row, open_csv
from telemetry.source import Head, Source

_EXPLORER_ROWS = 1_000
_HOW = "Export the log again as CSV with its header."
_NO_SEVERITY = (
    "The export has no column error_severity, so its errors cannot be told from other messages; select "
    "parsed.error_severity, parsed.sql_state_code, parsed.user_name, parsed.application_name, parsed.query and "
    "parsed.detail beside event_message."
)
# Carrier, column of the text, column of its time; both names as the header writes them, in lower case.
_COLUMNS = (("cloudwatch", "@message", "@timestamp"), ("datadog", "message", "date"), ("datadog", "content", "date"))

_HOSTS = ("host", "logstream")  # of Datadog, of CloudWatch


class _Unmarked(Replayed):
    """The same file without the @ of CloudWatch's column names, which no other CSV has."""

    def blocks(self) -> Iterator[bytes]:
        """The file's blocks."""
        for at, block in enumerate(super().blocks()):
            first, end, rest = block.partition(b"\n")
            yield block if at else first.replace(b"@", b"") + end + rest


def _kind(columns: list[str]) -> tuple[str, str, str] | None:
    known = next((kind for kind in _COLUMNS if kind[1] in columns and kind[2] in columns), None)
    return known or (("supabase", "event_message", "timestamp") if "event_message" in columns else None)


def _columns(head: Head) -> list[str]:
    first = next((line for line in head.lines if line.strip()), "").removeprefix("\ufeff")
    return [name.strip().strip('"').lower() for name in first.split(",")] if len(first) < 4_000 else []


def _sniff(head: Head) -> bool:
    """Whether the header is one of theirs and, where it says little, the rows hold lines of a server."""
    kind = _kind(_columns(head))
    if kind is None:
        return False
    if kind[0] == "supabase":
        return True
    lines = [line.encode() for line in head.lines[1:200] if line.strip()]
    return sum(map(has_severity, lines)) * 10 >= len(lines) > 0


def _read(_: None, source: Source, result: ParseResult) -> Events:
    source = Replayed(source)
    kind = _kind(_columns(source.head())) or _COLUMNS[0]
    carrier, text, time = kind
    result.carrier = carrier
    reader = EnvelopeReader(result, carrier)
    header, rows = open_csv(_Unmarked(source), result, _HOW)
    severity = "error_severity" in header.columns
    count = 0
    for row in rows:
        count += 1
        named = dict(zip(header.columns, row.fields, strict=True))
        reader.see_host(next((named[name].strip() for name in _HOSTS if name in named), ""))
        if carrier == "supabase":
            _supabase(reader, row, named if severity else named | {"error_severity": "LOG"})
        else:
            stamp = moment_of(named.get(time.removeprefix("@"), ""))
            body = named[text.removeprefix("@")].encode("utf-8", "replace").rstrip(b"\r\n")
            reader.take(Entry(row.line, row.text.encode("utf-8", "replace"), body, stamp))
        source.records = result.records
    if carrier == "supabase":
        reader.remarks += [CUT] * (count == _EXPLORER_ROWS) + [_NO_SEVERITY] * (not severity)
    return reader


def _supabase(reader: EnvelopeReader, row: Row, named: dict[str, str]) -> None:
    fields = named_fields({**named, "message": named["event_message"]}, named.get("timestamp"))
    raw = row.text.encode("utf-8", "replace")
    if fields is None:
        reader.reject(row.line, raw)
        reader.result.rejected += row.span - 1
    else:
        reader.take_fields(row.line, raw, fields)


CSV_ENVELOPES = Carrier("cloudwatch", _sniff, _read)
