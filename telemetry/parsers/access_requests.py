"""What the texts in an access log stand for: request -> route, agent -> bot. Each is worked out once and remembered."""

import re
from collections.abc import Callable
from typing import Any

from telemetry.parsers.access_lines import request_of
from telemetry.routes import RouteTable

GARBAGE = "[not HTTP]"
_CACHE_ENTRIES = 50_000
_CACHED_BYTES = 300  # longer keys are worked out again each time, so that a cache takes 30 MB at most

_BOT = re.compile(
    rb"bot\b|bot/|crawl|spider|slurp|scan|nmap|nikto|sqlmap|masscan|zgrab|python-requests|go-http-client|curl/|wget/"
    rb"|headlesschrome|facebookexternalhit|censys|nuclei|libwww|httpclient",
    re.IGNORECASE,
)
# What the usual tools for load tests call themselves.
_TEST = re.compile(
    rb"\bk6/|jmeter|gatling|locust|artillery|autocannon|apachebench|\bsiege/|vegeta|\bhey/|\boha/|\bwrk2?/|loader\.io"
    rb"|blazemeter|bombardier|loadrunner|nbomber",
    re.IGNORECASE,
)
_SCANNED = re.compile(
    r"/wp-(?:login|admin|content|includes|config)|/xmlrpc\.php|/\.(?:env|git|aws|ssh|svn|ds_store)|/phpmyadmin|/cgi-bin/"
    r"|/vendor/phpunit|/boaform|/actuator|/autodiscover|/owa/|/hnap1|\.(?:php|asp|aspx|jsp|cgi)\d?$",
    re.IGNORECASE,
)
_SIGN_IN = re.compile(r"(?:log|sign)[-_]?in\b|/auth(?:/|$|enticate)|/sessions?$|/token$|/password", re.IGNORECASE)
_PAGE = re.compile(rb"[?&](?:page|offset|skip)=(\d{1,15})(?![\w.])")
# What is written in capitals before a path; anything else (a scanner's invention) is one method more.
_METHODS = frozenset(
    b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH "
    b"REPORT PURGE BAN LINK UNLINK QUERY MKCALENDAR ACL BIND VERSION".split()
)


class Cache(dict[Any, Any]):
    """A value per key, computed once; emptied when it has grown large, so memory is bounded."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self._compute = compute

    def __missing__(self, key: Any) -> Any:
        value = self._compute(key)
        if isinstance(key, bytes | str) and len(key) > _CACHED_BYTES:
            return value
        if len(self) >= _CACHE_ENTRIES:
            self.clear()
        self[key] = value
        return value


class Routes:
    """The routes of the requests that were answered in one way; `paged` are those that asked for a page, with which."""

    def __init__(self, table: RouteTable) -> None:
        self.table = table
        self.paged: dict[bytes, int] = {}
        self._of_path = Cache(self._route)

    def of(self, request: bytes) -> tuple[str, str]:
        """(method, route) of a request; a request that is no HTTP has no method, whatever bytes were sent."""
        parts = request_of(request)
        if parts is None:
            return "", GARBAGE
        method, path, query = parts
        if query and (page := _PAGE.search(query)):
            self.paged[request] = int(page[1])
        return method.decode() if method in _METHODS else "OTHER", self._of_path[path]

    def _route(self, path: bytes) -> str:
        return self.table.route(path.decode("utf-8", "replace").replace("\x00", "\ufffd"))


def is_bot(agent: bytes) -> bool:
    """Whether an agent is a program that nobody waits for."""
    return bool(_BOT.search(agent))


def is_load_test(agent: bytes) -> bool:
    """Whether an agent is a tool that makes load on purpose."""
    return bool(_TEST.search(agent))


def is_scanned(route: str) -> bool:
    """Whether only scanners ask for this route."""
    return bool(_SCANNED.search(route))


def is_sign_in(route: str) -> bool:
    """Whether people sign in here."""
    return bool(_SIGN_IN.search(route))
