"""`.env.example`: the names of an application's settings. Values are never kept, not even of an example."""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.redaction import MARK
from telemetry.source import Head, Source, is_overlong

HOW = "Send .env.example: names with empty values, one a line. Never send .env itself."
MAX_SETTINGS = 2_000
_SNIFFED = 600
_LINE = re.compile(r"\s*(?:export\s+)?([A-Z_][A-Z0-9_]{0,99})\s?=\s?(.*)$")
_SECRET = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE|CREDENTIAL|ACCESS_KEY|_KEY\Z|_DSN\Z|_URL\Z|_URI\Z")
# A value that only holds the place of one, or is no secret wherever it stands.
_HOLDS = re.compile(
    r"\Z|#|[<\[{$]|x{3,}|\*{2,}|\.{3}|(?:https?://)?(?:localhost|127\.0\.0\.1|example\.)|https?://[\w.-]+/?\Z"
    r"|(?i:your|change|replace|todo|dummy|example|secret\Z|password\Z|test\Z|true\Z|false\Z|none\Z|null\Z)"
)
_LOGIN = re.compile(r"\w+://[^:/\s]*:([^@\s]+)@([^:/\s]+)")
_LOCAL = re.compile(r"localhost|127\.0\.0\.1|db|postgres|redis|mysql|host|database|example\.com", re.I)
PURPOSES = (
    ("database", re.compile(r"DATABASE|POSTGRES|PG(?:HOST|USER|PASSWORD|PORT)|DIRECT_URL|MYSQL|MONGO|SUPABASE|NEON")),
    ("pool", re.compile(r"POOL|MAX_CONN|PGBOUNCER")),
    ("redis", re.compile(r"REDIS|UPSTASH|VALKEY|KV_")),
    ("queue", re.compile(r"QUEUE|BULL|CELERY|RABBIT|AMQP|SQS|INNGEST|QSTASH")),
    ("payment", re.compile(r"STRIPE|PAYPAL|PADDLE|ADYEN|LEMON")),
    ("webhook", re.compile(r"WEBHOOK")),
    ("llm", re.compile(r"OPENAI|ANTHROPIC|GEMINI|MISTRAL|LANGFUSE|COHERE")),
    ("monitoring", re.compile(r"SENTRY|DATADOG|DD_|OTEL|NEW_RELIC|LOGTAIL|AXIOM|POSTHOG")),
    ("limit", re.compile(r"RATE_?LIMIT|THROTTLE|TIMEOUT|CONCURRENCY|MAX_")),
    ("auth", re.compile(r"AUTH|JWT|SESSION|CLERK|OAUTH|COOKIE")),
    ("mail", re.compile(r"SMTP|MAIL|RESEND|SENDGRID|POSTMARK|TWILIO")),
    ("storage", re.compile(r"S3_|BUCKET|BLOB|R2_|CLOUDINARY")),
)


def sniff(head: Head) -> bool:
    """Claim text of which every line is a comment or NAME=value in capitals."""
    lines = head.whole_lines[:_SNIFFED]
    told = (line for line in lines if line.strip() and not line.lstrip("\ufeff").startswith("#"))
    known, strange, most = 0, 0, len(lines) // 10
    for line in told:
        if _LINE.match(line.strip().removeprefix("\ufeff")):
            known += 1
        else:
            strange += 1
        if strange > most:  # most files are refused by their first lines
            return False
    return known > 0 and strange <= (known + strange) // 10  # one line in ten may be another


def parse(source: Source) -> ParseResult:
    """One row a setting, without its value; ParseError when the file names none."""
    result = ParseResult(carrier="env")
    rows: dict[str, Evidence] = {}
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not line.strip():
            result.blank += 1
        elif line.lstrip().startswith("#") and not is_overlong(raw):
            continue
        elif found := _LINE.match(line):
            result.records += 1
            if found[1] in rows or len(rows) < MAX_SETTINGS:
                rows[found[1]] = _row(found[1], found[2].strip(), result)
        else:
            result.reject(result.lines, MARK)
    if not rows:
        raise ParseError(f"The file names no setting. {HOW}", 1)
    result.evidence = list(rows.values())
    _finish(result)
    return result


def _row(name: str, value: str, result: ParseResult) -> Evidence:
    bare = value.strip("\"'")
    secret = bool(_SECRET.search(name)) and not name.startswith(("NEXT_PUBLIC_", "VITE_", "PUBLIC_"))
    exposed = secret and _is_real(bare)
    result.redacted += bool(bare)
    quote = f"{name}={MARK}" if bare else name
    metrics = {"listed": 1.0, "filled": float(bool(bare)), "exposed": float(exposed)}
    attrs: dict[str, object] = {"secret": secret}
    purpose = next((word for word, pattern in PURPOSES if pattern.search(name)), None)
    if purpose:
        attrs["purpose"] = purpose
    return Evidence("repo.setting", name, metrics, Place(result.lines, quote), attrs=attrs)


def _is_real(value: str) -> bool:
    """Whether a value looks like a secret that works: long and mixed, or a login to a host that is no local one."""
    if login := _LOGIN.search(value):
        return not _HOLDS.match(login[1]) and not _LOCAL.fullmatch(login[2]) and len(login[1]) >= 8
    if "://" in value or _HOLDS.match(value):
        return False
    return len(value) >= 16 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _finish(result: ParseResult) -> None:
    rows = result.evidence
    exposed = sum(row.metrics["exposed"] for row in rows)
    result.totals = {
        "settings": len(rows),
        "secrets": sum(row.attrs["secret"] is True for row in rows),
        "exposed": int(exposed),
    }
    result.records_lines = result.lines - result.blank - result.rejected
    result.enables = ["Which databases, queues and third parties the application is set up for"]
    result.notes = ["Names only: no value is kept."]
    if exposed:
        result.notes.append(f"{int(exposed):,} values look like secrets that work: replace them where they are used.")


PARSER = Parser(
    id="env-example",
    title="Names of settings (.env.example)",
    how_to_export="sed -E 's/^([A-Za-z_][A-Za-z0-9_]*)=.*/\\1=/' .env > env-names.txt  # names without values",
    looks_for="lines such as DATABASE_URL= and comments, nothing else",
    kinds=("repo.setting",),
    sniff=sniff,
    parse=parse,
)
