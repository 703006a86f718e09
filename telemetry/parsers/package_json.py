"""package.json: which frameworks, clients and queues a Node.js application uses, and what its scripts do."""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, quote_member
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

HOW = "Send package.json from the root of the application."
# Packages that say something about scale; the others are only counted.
STACK = re.compile(
    r"(?:next|nuxt|react|vue|express|fastify|hono|koa|@nestjs/core|prisma|@prisma/client|drizzle-orm|typeorm|sequelize"
    r"|knex|kysely|pg|postgres|mysql2|mongoose|mongodb|redis|ioredis|@upstash/\w+|bull|bullmq|inngest|pg-boss|agenda"
    r"|@trigger\.dev/sdk|stripe|openai|@anthropic-ai/sdk|ai|langchain|@sentry/\w+|@opentelemetry/\w+|dd-trace|pino"
    r"|winston|prom-client|express-rate-limit|rate-limiter-flexible|next-auth|@clerk/\w+|socket\.io|ws|node-cron"
    r"|axios|undici|p-limit|opossum|typescript|turbo)\Z"
)
_MIGRATES = re.compile(r"migrate|db push|db:push|sequelize db:|typeorm migration:run")
_KEYS = re.compile(r'"(?:dependencies|devDependencies|scripts)"\s*:\s*\{')
# A lock file, and what PHP's composer.json has in the place of dependencies.
_OTHER = re.compile(r'"(?:lockfileVersion|require(?:-dev)?|minimum-stability)"\s*:')


def sniff(head: Head) -> bool:
    """Claim one JSON object with scripts or dependencies by name, but no lock file."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if not text.startswith("{") or head.quoted.isdisjoint(("dependencies", "devDependencies", "scripts")):
        return False
    return bool(_KEYS.search(text)) and '"name"' in text[:65_536] and not _OTHER.search(text)


def parse(source: Source) -> ParseResult:
    """One row; ParseError when the JSON is broken or lists neither scripts nor dependencies."""
    document = JsonText(source.read(8 * 1024 * 1024))
    result = ParseResult(carrier="json", lines=document.lines)
    parts = {one.key: one for one in document.members(document.start)}
    groups = {key: _entries(parts.get(key), document) for key in ("dependencies", "devDependencies", "scripts")}
    if not any(key in parts for key in groups):
        raise ParseError(f"The JSON lists no scripts and no dependencies. {HOW}", 1)
    result.evidence = [_row(parts, groups, document, result)]
    metrics = result.evidence[0].metrics
    result.records = 1
    result.totals = {name: int(metrics[name]) for name in ("dependencies", "dev_dependencies", "scripts")}
    result.enables = ["Which databases, queues and limiters the code uses", "Whether building changes the database"]
    result.notes = ["Ranges, not what is installed: the lock file tells that."]
    result.blank = blank_lines(document)
    result.records_lines = result.lines - result.blank
    return result


def _entries(group: Member | None, document: JsonText) -> list[Member]:
    return document.members(group.value_at) if group and isinstance(group.value, dict) else []


def _row(
    parts: dict[str, Member], groups: dict[str, list[Member]], document: JsonText, result: ParseResult
) -> Evidence:
    used = [*groups["devDependencies"], *groups["dependencies"]]
    stack = {one.key: _range(one.value) for one in used if STACK.match(one.key)}
    scripts = {one.key: one for one in groups["scripts"] if isinstance(one.value, str)}
    builds = [scripts[name] for name in ("build", "postbuild", "prebuild", "vercel-build") if name in scripts]
    migrating = next((one for one in builds if _MIGRATES.search(one.value)), None)
    tested = next(
        (one for name, one in scripts.items() if name.startswith("test") and "no test" not in one.value), None
    )
    metrics = {
        "dependencies": float(len(groups["dependencies"])),
        "dev_dependencies": float(len(groups["devDependencies"])),
        "scripts": float(len(groups["scripts"])),
        "tests": float(tested is not None),
        "migrates_in_build": float(migrating is not None),
    }
    places = {}
    if migrating:
        places["migrates_in_build"] = quote_member(document, migrating, result)
    if tested:
        places["tests"] = quote_member(document, tested, result)
    first = next(iter(parts.values()))
    attrs: dict[str, object] = {"stack": dict(sorted(stack.items()))}
    engines = parts.get("engines")
    if engines and isinstance(engines.value, dict) and engines.value.get("node"):
        attrs["node"] = str(engines.value["node"])[:40]
    return Evidence("repo.package", "package", metrics, quote_member(document, first, result), places, attrs)


def _range(value: object) -> str:
    """A version range; an address of a repository may hold a token, so it is only named."""
    return value[:40] if isinstance(value, str) and ":" not in value and "@" not in value else "(not a version)"


PARSER = Parser(
    id="package-json",
    title="Packages of a Node.js application (package.json)",
    how_to_export="cp package.json package-list.json",
    looks_for='JSON with "name", "scripts" and "dependencies", as in package.json',
    kinds=("repo.package",),
    sniff=sniff,
    parse=parse,
)
