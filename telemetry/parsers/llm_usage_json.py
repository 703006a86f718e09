"""Usage and cost of language models as JSON: what the providers' APIs answer, and answers of Gemini kept line by line.

OpenAI: https://platform.openai.com/docs/api-reference/usage. Anthropic, whose costs are texts in cents:
https://docs.anthropic.com/en/api/admin-api/usage-cost/get-cost-report. Vercel AI Gateway:
https://vercel.com/docs/ai-gateway/observability-and-spend/custom-reporting. Langfuse: daily metrics of its API. Gemini:
https://ai.google.dev/api/generate-content#UsageMetadata. Prompts, answers, users and keys are neither read nor quoted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers.json_records import records_of
from telemetry.parsers.ops_values import blank_lines, is_amount, quote_member, read_time, settle_lines
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

_GEMINI = re.compile(r'"usageMetadata"\s*:\s*\{[^{}]{0,400}"promptTokenCount"')
_MARKS = (
    ("organization.usage.completions.result",),
    ("organization.costs.result",),
    ("uncached_input_tokens", "starting_at"),
    ("starting_at", "amount", "currency"),
    ("total_cost", "results", "model"),
    ("totalCost", "usage", "countObservations"),
)
_CENTS = Decimal(100)
# Carrier -> metric -> the keys that add up to it.
_SUMS: dict[str, dict[str, tuple[str, ...]]] = {
    "openai-usage-api": {
        "requests": ("num_model_requests",),
        "input_tokens": ("input_tokens",),
        "output_tokens": ("output_tokens",),
        "cached_tokens": ("input_cached_tokens",),
    },
    "anthropic-usage-api": {
        "input_tokens": (
            "uncached_input_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "ephemeral_1h_input_tokens",
            "ephemeral_5m_input_tokens",
        ),
        "output_tokens": ("output_tokens",),
        "cached_tokens": ("cache_read_input_tokens",),
    },
    "vercel-ai-gateway": {
        "requests": ("request_count",),
        "input_tokens": ("input_tokens",),
        "output_tokens": ("output_tokens",),
        "cached_tokens": ("cached_input_tokens",),
        "cost": ("total_cost",),
    },
    "langfuse-metrics": {
        "requests": ("countObservations",),
        "input_tokens": ("inputUsage",),
        "output_tokens": ("outputUsage",),
        "cost": ("totalCost",),
    },
    "gemini": {
        "input_tokens": ("promptTokenCount", "toolUsePromptTokenCount"),
        "output_tokens": ("candidatesTokenCount", "thoughtsTokenCount"),
        "cached_tokens": ("cachedContentTokenCount",),
    },
}
_QUOTED = ("model", "line_item", "input_tokens", "uncached_input_tokens", "total_cost", "amount")


@dataclass(frozen=True, slots=True)
class Used:
    """What one entry counts: of which model, in which currency, from when."""

    carrier: str
    model: str
    currency: str
    values: dict[str, Decimal]
    moment: datetime | None
    place: Place


def is_llm_json(head: Head) -> bool:
    """Whether the file is an answer of one of these APIs, or answers of Gemini one a line."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")):
        return False
    if "usageMetadata" in head.quoted and _GEMINI.search(text):
        return True
    return any(head.quoted.issuperset(marks) for marks in _MARKS)


def read_entries(source: Source, head: Head, result: ParseResult) -> Iterator[Used | None]:
    """Every entry; None for a period without use. `result` counts lines and rejects what is none."""
    if _GEMINI.search(head.text):
        yield from _answers(source, result)
        return
    document = JsonText(source.read())
    result.lines, result.blank = document.lines, blank_lines(document)
    facts = document.value if isinstance(document.value, dict) else {}
    if facts.get("has_more") is True:
        result.notes.append("The answer says has_more: further pages are missing, sums are too small.")
    listed = document.member(document.start, "data") or document.member(document.start, "results")
    for bucket in document.members(listed.value_at) if listed else []:
        inner = next((one for key in ("results", "usage") if (one := _member(document, bucket, key))), None)
        entries = document.members(inner.value_at) if inner else [bucket]
        if not entries:
            yield None
        for entry in entries:
            yield from _entry(document, bucket, entry, result)
    settle_lines(result)


def _member(document: JsonText, holder: Member, key: str) -> Member | None:
    found = document.member(holder.value_at, key) if isinstance(holder.value, dict) else None
    return found if found and isinstance(found.value, list) else None


def _entry(document: JsonText, bucket: Member, entry: Member, result: ParseResult) -> Iterator[Used]:
    facts = entry.value if isinstance(entry.value, dict) else {}
    carrier, values, currency = _counted(facts)
    if not values:
        result.reject(document.line(entry.at), "an entry that counts no request, token or cost")
        return
    holder = bucket.value if isinstance(bucket.value, dict) else {}
    stamp = next((holder[key] for key in ("start_time", "starting_at", "day", "date") if holder.get(key)), None)
    spot = next((one for key in _QUOTED if (one := document.member(entry.value_at, key)) and one.value), entry)
    name = facts.get("model") or facts.get("line_item") or facts.get("description") or ""
    place = quote_member(document, spot, result)
    yield Used(carrier, str(name).partition(",")[0][:120], currency, values, _moment(stamp), place)


def _counted(facts: dict[str, Any]) -> tuple[str, dict[str, Decimal], str]:
    """(carrier, values by metric, currency) of an entry; no values when it is none."""
    amount = facts.get("amount")
    if isinstance(amount, dict):
        cost = _decimal(amount.get("value"))
        return "openai-costs-api", ({"cost": cost} if cost is not None else {}), str(amount.get("currency")).upper()
    if isinstance(amount, str) and (cents := _decimal(amount)) is not None:
        return "anthropic-cost-api", {"cost": cents / _CENTS}, str(facts.get("currency") or "USD").upper()
    creation = facts.get("cache_creation")
    flat = facts | creation if isinstance(creation, dict) else facts
    if "uncached_input_tokens" in facts:
        carrier = "anthropic-usage-api"
    elif "num_model_requests" in facts:
        carrier = "openai-usage-api"
    elif "total_cost" in facts or "request_count" in facts:
        carrier = "vercel-ai-gateway"
    else:
        carrier = "langfuse-metrics"
    return carrier, _summed(carrier, flat), "USD" if "cost" in _SUMS[carrier] else ""


def _summed(carrier: str, facts: dict[str, Any]) -> dict[str, Decimal]:
    values: dict[str, Decimal] = {}
    for metric, keys in _SUMS[carrier].items():
        told = [amount for key in keys if (amount := _decimal(facts.get(key))) is not None]
        if told:
            values[metric] = sum(told, Decimal(0))
    return values


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(?:\.\d{1,12})?", value, re.ASCII):
        return Decimal(value)
    return Decimal(str(value)) if is_amount(value) else None


def _moment(stamp: Any) -> datetime | None:
    """A moment; days of these reports are UTC's."""
    text = str(stamp or "")
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return read_time(stamp)
    except ValueError:
        return None


def _answers(source: Source, result: ParseResult) -> Iterator[Used]:
    """Answers of Gemini: each is one request; what was asked and answered is passed over."""
    for record in records_of(source, result):
        holder = record.content.get("response", record.content)
        facts = holder if isinstance(holder, dict) else {}
        usage = facts.get("usageMetadata")
        values = _summed("gemini", usage) if isinstance(usage, dict) else {}
        if "input_tokens" not in values:
            _refuse(record.line, record.alone, result)
            continue
        name = facts.get("modelVersion") or record.content.get("model") or "gemini"
        moment = _moment(facts.get("createTime") or record.content.get("timestamp"))
        place = record.quote("modelVersion" if facts is record.content else "model", result)
        yield Used("gemini", str(name)[:120], "", values | {"requests": Decimal(1)}, moment, place)
    if not result.lines:
        raise ParseError("The file is empty; send the answers of the API, one a line.", 1)


def _refuse(line: int, alone: bool, result: ParseResult) -> None:
    """Reject without a quote: such a line may hold a prompt."""
    if alone:
        result.records_lines -= 1
        result.reject(line, "")
