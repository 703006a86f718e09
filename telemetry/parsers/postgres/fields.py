"""A record whose carrier names its parts: csvlog, jsonlog and what vendors make of them."""

from dataclasses import dataclass

from telemetry.parsers.postgres.clock import is_moment
from telemetry.parsers.postgres.events import Events, plain_text
from telemetry.parsers.postgres.languages import FOREIGN_SEVERITIES
from telemetry.parsers.postgres.prefix import PRIMARY

SEVERITIES = frozenset([*PRIMARY, *(b"DEBUG%d" % level for level in range(1, 6)), *FOREIGN_SEVERITIES])


@dataclass(slots=True)
class Fields:
    """One record. `moment` is "2026-01-31 10:00:00" in the zone of the token `zone`; `state` the SQLSTATE or ""."""

    moment: bytes
    zone: bytes
    severity: bytes
    message: bytes
    pid: bytes = b""
    user: bytes = b""
    app: bytes = b""
    state: str = ""
    detail: bytes = b""
    context: bytes = b""
    statement: bytes = b""

    @property
    def sound(self) -> bool:
        """Whether this can be a record: a real second, and a severity of the server."""
        return is_moment(self.moment) and self.severity in SEVERITIES


def see_fields(events: Events, number: int, raw: bytes, fields: Fields) -> None:
    """A record with all its details, which no later line will add to."""
    if fields.zone:
        events.clock.zones[fields.zone] = None
    session = events.session(fields.severity, fields.pid, fields.user, fields.app)
    state = "" if fields.state == "00000" else fields.state
    events.settle(fields.pid)
    following = events.see(session, number, raw, fields.moment, fields.message, state)
    if following is not None:
        for label, text in ((b"DETAIL", fields.detail), (b"CONTEXT", fields.context), (b"STATEMENT", fields.statement)):
            if text:
                following.attach(label, plain_text(text))
        following.finish()
