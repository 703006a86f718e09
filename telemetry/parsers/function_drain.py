"""Records of a log drain, a block at a time: most say nothing that an earlier one did not say in the same words.

Typed decoding (msgspec) reads only the fields that count; what is new or rare (a route, a status, a largest size, a
message that tells an outcome) takes the careful way through `function_calls`.
"""

from collections.abc import Callable, Sequence

import msgspec

from telemetry.parsers.access_requests import Cache
from telemetry.parsers.function_calls import PROGRAMS, hints_in, tells
from telemetry.parsers.function_counts import FunctionLog, Key

Careful = Callable[[int], Key | None]


class Proxy(msgspec.Struct, gc=False):
    """The request as the edge saw it."""

    method: str | None = None
    path: str | None = None
    statusCode: int | None = None
    region: str | None = None
    lambdaRegion: str | None = None
    vercelCache: str | None = None
    responseByteSize: int | None = None
    userAgent: list[str] | str | None = None


class Record(msgspec.Struct, gc=False):
    """A record of a drain."""

    deploymentId: str
    source: str
    projectId: str
    timestamp: int | float | None = None
    path: str | None = None
    statusCode: int | None = None
    requestId: str | None = None
    message: str | None = None
    executionRegion: str | None = None
    proxy: Proxy | None = None


_KEYS = 20_000
_DECODER = msgspec.json.Decoder(Record)
_Raw = tuple[object, ...]


class Drain:
    """Counts blocks of records into a log."""

    def __init__(self, log: FunctionLog) -> None:
        self._log = log
        self._routes = Cache(log.table.route)
        self._keys: dict[_Raw, Key] = {}  # what a record said in these words

    def records_of(self, block: bytes) -> Sequence[Record] | None:
        """The records of a block, None when a line of it is none or holds a NUL."""
        # From the end, for rfind takes a third of the time of `in`.
        if not block.startswith(b"{") or block.rfind(b"\\u0000") >= 0:
            return None
        try:
            if not block.isascii():
                block.decode()  # what is read over is not looked at so closely
            return _DECODER.decode_lines(block)
        except (msgspec.DecodeError, UnicodeDecodeError):  # no JSON, or a field of another type
            return None

    def count(self, records: Sequence[Record], start: int, careful: Careful) -> int:
        """Count records that stand one a line from line `start`; how many were counted here and not by `careful`."""
        log, routes, keys, largest = self._log, self._routes, self._keys, self._log.largest
        log.make_room(len(records))
        seen, older, told, weight = log.seen, log.older, 0, 0
        early = log.early_sizes if log.is_early else None
        hints = hints_in([record.message for record in records if record.message])
        for number, record in enumerate(records, start):
            proxy, request, message = record.proxy, record.requestId, record.message
            if (
                proxy is None
                or not request
                or record.source == "build"
                or (message and hints and tells(message, hints))
            ):
                careful(number)
                told += 1
                continue
            size, agent = proxy.responseByteSize, proxy.userAgent
            if agent and not isinstance(agent, str):
                agent = agent[0]
            raw = (
                record.path or routes[proxy.path or "/"],
                record.deploymentId,
                record.source,
                record.statusCode,
                proxy.statusCode,
                proxy.method,
                proxy.vercelCache,
                record.executionRegion or proxy.lambdaRegion or proxy.region,
                size is None,
                PROGRAMS[agent] if agent else None,
            )
            key = keys.get(raw)
            if key is None or (size is not None and size > largest["route", key.route].size):
                key = careful(number)
                told += 1
                if key is not None and len(keys) < _KEYS:
                    keys[raw] = key
                continue
            known = seen.get(request)
            if known is key:
                continue
            if known is None and request not in older:
                seen[request] = key
                if size is not None:
                    weight += size
                    if early is not None:
                        early[request] = size
            else:
                log.count(request, key, size)
        log.size += weight
        log.sized = log.sized or weight > 0
        return len(records) - told
