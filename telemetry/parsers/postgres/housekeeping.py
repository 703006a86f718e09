"""What the server does by itself: temporary files, checkpoints, vacuum, crashes."""

import re
from dataclasses import dataclass, field

from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.messages import Message, Tally
from telemetry.sql import fingerprint

_TEMPORARY = re.compile(r"temporary file: path \"[^\"]*\", size (\d+)")
_VACUUM = re.compile(r"automatic (?:aggressive )?vacuum (?:to prevent wraparound )?of table \"([^\"]+)\"")
_ANALYZE = re.compile(r"automatic analyze of table \"([^\"]+)\"")
_SCANS = re.compile(r"index scans: (\d+)")
_DEAD = re.compile(r"(\d+) (?:are dead but not yet removable|are dead but|dead row versions cannot be removed yet)")
_ELAPSED = re.compile(r"elapsed: ([\d.]+) s")
_SIGNAL = re.compile(r".{0,200}\(PID \d+\) was terminated by signal")
# Texts of the server's own source (src/backend/postmaster/pgarch.c, replication/, storage/, libpq/pqcomm.c).
_TROUBLE = re.compile(
    r"(?P<archive_failures>archive command (?:failed|was terminated)"
    r"|archiving (?:write-ahead|transaction) log file \S+ failed)"
    r"|(?P<replication_failures>terminating walsender process due to replication timeout"
    r"|terminating walreceiver (?:process )?due to|could not receive data from WAL stream"
    r"|(?:streaming replication receiver \S+ )?could not connect to the primary"
    r"|requested WAL segment \S+ has already been removed|replication terminated by primary"
    r"|invalidating (?:obsolete replication )?slot|logical replication \S+ worker .* will stop)"
    r"|(?P<recovery_conflicts>canceling statement due to conflict with recovery"
    r"|terminating connection due to conflict with recovery|recovery still waiting after)"
    r"|(?P<corruptions>invalid page in block|page verification failed|could not read block)"
    r"|(?P<lost_clients>could not (?:receive data from|send data to) client|unexpected EOF on client connection"
    r"|connection to client lost)"
    r"|(?P<autovacuum_cancels>canceling autovacuum task)"
    r"|(?P<user_cancels>canceling statement due to user request)"
)
_FAMILIES = 2_000
_TABLES = 5_000


@dataclass(slots=True)
class TemporaryFamily:
    """Temporary files of one statement; the largest stands at `line`."""

    text: str
    since: int  # the first line, whose text this is
    files: int = 0
    size: int = 0
    largest: int = -1
    line: int = 0
    quote: bytes = b""


@dataclass(slots=True)
class TemporaryFiles:
    """Temporary files by the statement that wrote them."""

    tally: Tally
    bounds: Bounds
    families: dict[str, TemporaryFamily] = field(default_factory=dict)

    def see(self, message: Message) -> "_Spill | None":
        """Count a file; returns what waits for its STATEMENT line."""
        found = _TEMPORARY.match(message.text)
        if found is None:
            return None
        self.tally.add("temp_files", message)
        self.tally.add("temp_bytes", message, int(found[1]))
        return _Spill(self, int(found[1]), message)

    def add(self, statement: str, size: int, message: Message) -> None:
        """A file with its statement."""
        one = TemporaryFamily(statement, message.line, 1, size, size, message.line, message.raw[:1200])
        self._add(fingerprint(statement), one)

    def _add(self, key: str, more: TemporaryFamily) -> None:
        family = self.families.get(key)
        if family is None:
            if len(self.families) >= _FAMILIES:
                self.bounds.leave_out("statements with temporary files")
                return
            self.families[key] = more
            return
        family.files += more.files
        family.size += more.size
        if more.since < family.since:
            family.text, family.since = more.text, more.since
        if (more.largest, -more.line) > (family.largest, -family.line):
            family.largest, family.line, family.quote = more.largest, more.line, more.quote

    def join(self, later: "TemporaryFiles") -> None:
        """Add the files of a later part of the log."""
        for key, family in later.families.items():
            self._add(key, family)


@dataclass(slots=True)
class _Spill:
    owner: TemporaryFiles
    size: int
    message: Message
    statement: str = ""

    def attach(self, label: bytes, text: str) -> None:
        if label == b"STATEMENT":
            self.statement = text

    def finish(self) -> None:
        if self.statement:
            self.owner.add(self.statement, self.size, self.message)


@dataclass(slots=True)
class Vacuums:
    """Runs of autovacuum by table, each number with its own line."""

    tally: Tally
    bounds: Bounds
    tables: dict[str, Tally] = field(default_factory=dict)

    def see(self, message: Message) -> None:
        """An `automatic vacuum of table` or `automatic analyze of table` record."""
        if _ANALYZE.match(message.text):
            self.tally.add("autoanalyzes", message)
            return
        found = _VACUUM.match(message.text)
        if found is None:
            return
        self.tally.add("autovacuums", message)
        name = _table(found[1])
        if name not in self.tables and len(self.tables) >= _TABLES:
            self.bounds.leave_out("vacuumed tables")
            return
        table = self.tables.setdefault(name, Tally())
        table.add("runs", message)
        for metric, pattern in (("elapsed_max_s", _ELAPSED), ("dead_left", _DEAD), ("index_scans_max", _SCANS)):
            if value := pattern.search(message.text):
                table.peak(metric, float(value[1].strip(".") or 0), message)

    def join(self, later: "Vacuums") -> None:
        """Add the runs of a later part of the log."""
        for name, table in later.tables.items():
            self.tables.setdefault(name, Tally()).join(table)
        if len(self.tables) > _TABLES:
            self.bounds.leave_out("vacuumed tables")


def _table(name: str) -> str:
    """`orders` from "shop.public.orders"; another schema stays in front."""
    parts = name.split(".")
    schema = parts[-2] if len(parts) > 1 else "public"
    return parts[-1] if schema == "public" else f"{schema}.{parts[-1]}"


def trouble_of(text: str) -> str:
    """The counter of a message that may be of any severity, "" when it is none of these."""
    found = _TROUBLE.match(text)
    return found.lastgroup or "" if found else ""


def see_checkpoint(tally: Tally, message: Message) -> None:
    """`checkpoint starting: wal`, `checkpoint complete: ...`, `checkpoints are occurring too frequently`."""
    text = message.text
    if text.startswith("checkpoint complete"):
        tally.add("checkpoints", message)
    elif text.startswith("checkpoint starting"):
        tally.add("checkpoint_starts", message)
        if {"wal", "xlog"} & set(text.partition(":")[2].split()):
            tally.add("checkpoints_forced", message)
    elif text.startswith("checkpoints are occurring too frequently"):
        tally.add("checkpoint_warnings", message)


def see_trouble(tally: Tally, message: Message) -> None:
    """Crashes, a full disk, wraparound, archiving, replication, corruption, lost clients: written as LOG or WARNING."""
    if _SIGNAL.match(message.text):
        tally.add("crashes", message)
    elif name := trouble_of(message.text):
        tally.add(name, message)
    elif "No space left on device" in message.text:
        tally.add("disk_full", message)
    elif "must be vacuumed within" in message.text:
        tally.add("wraparound_warnings", message)
