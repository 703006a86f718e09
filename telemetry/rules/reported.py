"""What an application's own errors say is wrong, for rules whose first witness (a server's log, counters) was not sent.

An error tracker or a function log often is all a client has. Its messages name the cause in the words of drivers and
pools; how often it happened in all, beside what went well, they do not say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Check, Hit, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import FEW

KIND = "error.cause"
NEED = (KIND, "events")

# So many, or so many people: what happened a few times in two weeks may be over.
MANY_EVENTS, MANY_USERS = 100.0, 50.0

Needs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reported:
    """Ask `check` where its witnesses were sent; where they show nothing, or were not, the reported errors decide.

    `said` follows "{events} errors of the application say that". Nothing reported is no answer: a tracker shows what
    it was asked for. The routes that reported it meet it; with `shared` every flow may where none is named.
    """

    check: Check
    witnesses: Needs
    cause: str
    subject: Subject
    title: str
    said: str
    shared: bool = True

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
        seen = any(evidence.has(kind, metric) for kind, metric in self.witnesses)
        answers = list(self.check(evidence, threshold)) if seen else []
        yield from answers
        if any(isinstance(answer, Hit) for answer in answers):
            return
        rows = [row for row in evidence.having(*NEED) if row.subject == self.cause and row.metrics["events"] > FEW]
        for row in worst_each(rows, "events"):
            yield self._hit(row)
        if not seen and not rows:
            yield CannotTell(" or ".join(f"{kind}.{metric}" for kind, metric in self.witnesses))

    def _hit(self, row: Evidence) -> Hit:
        told = Told()
        said = f"{told(row, 'events')} errors of the application say that {self.said} (limit {shown(FEW, '1')})"
        said += (
            f"; the issue that most people met reached {told(row, 'users')} of them" if "users" in row.metrics else ""
        )
        told.also(row, "window_s")
        routes = tuple(str(name) for name in row.attrs.get("routes") or ())
        return Hit(
            subject=self.subject,
            title=self.title,
            said=said + ".",
            cites=told.cites,
            limit=FEW,
            breach=row.metrics["events"] >= MANY_EVENTS or row.metrics.get("users", 0.0) >= MANY_USERS,
            shared=self.shared and not routes,
            routes=routes,
        )
