"""The message that asks a client for exports: plain text, grouped by who can run the commands, ready to send."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from reviews.buyer_inputs import BUYER_INPUTS, MISSING

Machine = Mapping[str, Any]
NAMED = 6  # questions named for each export; the others are counted
# Who can run what: first match by the beginning of the format's name. The order is that of the message.
DATABASE = "Whoever administers PostgreSQL"
REDIS = "Whoever can run redis-cli"
SERVERS = "Whoever runs the servers or the hosting"
CODE = "A developer with the repository"
BUSINESS = "Operations and finance"
GROUPS = (DATABASE, REDIS, SERVERS, CODE, BUSINESS)
_WHO = (
    (("prisma-schema", "source-code", "route-inventory", "openapi", "package-json", "dockerfile", "compose"), CODE),
    (("github-workflow", "env-example", "vercel-config", "queue-counts"), CODE),
    (("incidents", "deployments", "stripe-events", "llm-usage", "billing", "vercel-usage"), BUSINESS),
    (("postgres-", "pg", "explain", "sql-schema"), DATABASE),
    (("redis-",), REDIS),
)


def who_runs(name: str) -> str:
    """Who has the access that a format's command needs; what is in no row is the servers'."""
    return next((who for beginnings, who in _WHO if name.startswith(beginnings)), SERVERS)


def message_of(
    client: str,
    questions: Sequence[Machine],
    asks: Sequence[Machine],
    inputs: Sequence[Machine] = (),
    in_words: Sequence[Machine] = (),
) -> str:
    """The whole message. `inputs` are the buyer inputs, `in_words` open questions that no export answers."""
    stated = _unsaid(inputs, {ask["format"] for ask in asks})
    parts = [_opening(client, questions)]
    for who in GROUPS:
        mine = [(number, ask) for number, ask in enumerate(asks, 1) if who_runs(ask["format"]) == who]
        if mine:
            parts.append(_heading(who))
            parts += [_ask(number, ask) for number, ask in mine]
    if stated:
        parts.append(_heading("In words, from you"))
        parts.append("\n".join(f"* {row['title']}: {_lower(row['unlocks'])}." for row in stated))
    if in_words:
        parts.append(_heading("Questions that remain after that"))
        parts.append("\n".join(f"* {row['title']}: needs {_first(row['needs'])}." for row in in_words))
    if not (asks or stated or in_words):
        parts.append("Nothing more is needed: every question has an answer.")
    return "\n\n".join(parts) + "\n"


def _unsaid(inputs: Sequence[Machine], asked: Collection[str]) -> list[Machine]:
    """Missing inputs that none of the exports above brings."""
    formats = {entry.slug: entry.formats for entry in BUYER_INPUTS}
    missing = [row for row in inputs if row["state"] == MISSING]
    return [row for row in missing if not any(name in asked for name in formats.get(row["slug"], ()))]


def _heading(words: str) -> str:
    return f"{words}\n{'-' * len(words)}"


def _opening(client: str, questions: Sequence[Machine]) -> str:
    count = sum(question["status"] != "cannot tell" for question in questions)
    return (
        f"What would help the review of {client} next\n\n"
        f"{count} of {len(questions)} questions are answered by what we received. The exports below answer more. "
        "They are numbered by how much they tell: send the low numbers first, and what is easy to make.\n\n"
        "The commands only read; where a setting has to change first, it says so. Look at what a command wrote before "
        "you send it; passwords, keys and personal data that are in it after all are blanked when we read it."
    )


def _ask(number: int, ask: Machine) -> str:
    again = " Sent before, but without this." if ask["again"] else ""
    lines = [f"{number}. {ask['title']}", f"   Tells of: {_named(ask['mechanisms'])}.{again}"]
    wanted = [text for text in ask["needs"] if " with " in text or " twice" in text]
    if wanted:
        lines.append(f"   Needed: {'; '.join(wanted)}.")
    return "\n".join([*lines, *(f"       {line}" for line in ask["command"].splitlines())])


def _named(mechanisms: Sequence[str]) -> str:
    """Questions by their name: "missing index" for missing-index."""
    more = len(mechanisms) - NAMED
    names = [name.replace("-", " ") for name in mechanisms[:NAMED]]
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _first(needs: Sequence[str]) -> str:
    return needs[0] + (f" and {len(needs) - 1} more" if len(needs) > 1 else "")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
