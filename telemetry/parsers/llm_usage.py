"""Usage and cost of language models: CSV of OpenAI, Anthropic and Langfuse, and JSON of their APIs.

Prompts, answers, users and keys are in some of these files: they are neither read nor quoted. Providers' exports hold
no time per request; only Langfuse tells latency.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.llm_usage_json import Used, is_llm_json, read_entries
from telemetry.parsers.ops_values import hide_rejected, is_amount, quote_row, read_time, widen
from telemetry.parsers.readers import Header, Row
from telemetry.redaction import MARK
from telemetry.source import Head, Source

HOW = "Export usage or cost as CSV from the provider's console, with one row a day and model."
MAX_MODELS = 200


@dataclass(frozen=True, slots=True)
class Shape:
    """One export: columns that tell it, where the model stands, which columns add up to a metric."""

    carrier: str
    needs: tuple[str, ...]
    model: tuple[str, ...]
    sums: dict[str, tuple[str, ...]]
    times: tuple[str, ...]
    currency: tuple[str, ...] | str = ""
    per_request: bool = False  # a row is a request, and may hold a prompt


SHAPES = (
    Shape(
        "openai-usage",
        ("num_model_requests", "input_tokens"),
        ("model",),
        {
            "requests": ("num_model_requests",),
            "input_tokens": ("input_tokens",),
            "output_tokens": ("output_tokens",),
            "cached_tokens": ("input_cached_tokens",),
        },
        ("start_time_iso", "start_time"),
    ),
    Shape(
        "openai-costs",
        ("amount_value", "line_item"),
        ("line_item",),
        {"cost": ("amount_value",)},
        ("start_time_iso", "start_time"),
        ("amount_currency",),
    ),
    Shape(
        "anthropic-usage",
        ("usage_input_tokens_no_cache", "usage_output_tokens"),
        ("model_version", "model"),
        {
            "input_tokens": (
                "usage_input_tokens_no_cache",
                "usage_input_tokens_cache_write_5m",
                "usage_input_tokens_cache_write_1h",
                "usage_input_tokens_cache_read",
            ),
            "output_tokens": ("usage_output_tokens",),
            "cached_tokens": ("usage_input_tokens_cache_read",),
        },
        ("usage_date_utc",),
    ),
    Shape(
        "anthropic-costs", ("cost_usd", "token_type"), ("model",), {"cost": ("cost_usd",)}, ("usage_date_utc",), "USD"
    ),
    Shape(
        "langfuse",
        ("latency", "totalcost"),
        ("model", "providedmodelname", "name"),
        {
            "input_tokens": ("inputusage", "inputtokens", "prompttokens"),
            "output_tokens": ("outputusage", "outputtokens", "completiontokens"),
            "cost": ("totalcost",),
        },
        ("starttime", "timestamp"),
        "USD",
        per_request=True,
    ),
    # What a team's own query writes, a row a day and model
    Shape(
        "usage-table",
        ("input_tokens", "output_tokens"),
        ("model", "model_name"),
        {
            "requests": ("requests", "calls", "request_count"),
            "input_tokens": ("input_tokens",),
            "output_tokens": ("output_tokens",),
            "cached_tokens": ("cached_tokens", "cached_input_tokens"),
            "cost": ("cost_usd",),
        },
        ("date", "day", "time", "timestamp"),
        "USD",
    ),
)


@dataclass(slots=True)
class Model:
    """Sums of one model, and in which currencies its cost stands."""

    place: Place
    sums: Counter[str] = field(default_factory=Counter)
    cost: Decimal = Decimal(0)
    latency: Histogram = field(default_factory=Histogram)


def sniff(head: Head) -> bool:
    """Claim CSV with the columns of one of these exports, and JSON of the providers' APIs."""
    if is_llm_json(head):
        return True
    header = readers.sniff_header(head)
    return header is not None and _shape(header) is not None


def _shape(header: Header) -> Shape | None:
    columns = set(header.columns)
    return next(
        (shape for shape in SHAPES if columns >= set(shape.needs) and header.find(shape.model) is not None), None
    )


def parse(source: Source) -> ParseResult:
    """One row a model (with its currency, where the file has several); ParseError when no row counts anything."""
    result = ParseResult()
    head = source.head()
    if is_llm_json(head):
        return _parse_json(source, head, result)
    header, rows = readers.open_csv(source, result, HOW)
    shape = _shape(header)
    if shape is None:
        raise ParseError(f"The columns are those of no usage export. {HOW}", result.lines)
    result.carrier = shape.carrier
    models: dict[tuple[str, str], Model] = {}
    empty = 0
    for row in rows:
        try:
            empty += not _read(row, header, shape, models, result)
        except ValueError:
            readers.reject(row, result)
    if not models:
        raise ParseError(f"No row of the file counts a request, a token or a cost. {HOW}", result.lines)
    hide_rejected(result, header.columns)
    _finish(shape, models, empty, result)
    return result


def _parse_json(source: Source, head: Head, result: ParseResult) -> ParseResult:
    models: dict[tuple[str, str], Model] = {}
    empty = 0
    cost = False
    for used in read_entries(source, head, result):
        result.records += 1
        if used is None or not any(used.values.values()):
            empty += 1
            continue
        cost = cost or "cost" in used.values
        _tally(used, models)
        result.carrier = used.carrier
        widen(result, used.moment)
    if not models:
        raise ParseError(f"No entry of the file counts a request, a token or a cost. {HOW}", 1)
    shape = Shape(result.carrier, (), (), {"cost": ()} if cost else {}, (), per_request=result.carrier == "gemini")
    _finish(shape, models, empty, result)
    return result


def _tally(used: Used, models: dict[tuple[str, str], Model]) -> None:
    key = (used.model or "unknown", used.currency)
    key = key if key in models or len(models) < MAX_MODELS else ("other", used.currency)
    model = models.setdefault(key, Model(used.place))
    model.cost += used.values.get("cost", Decimal(0))
    model.sums.update({metric: int(value) for metric, value in used.values.items() if metric != "cost"})


def _read(row: Row, header: Header, shape: Shape, models: dict[tuple[str, str], Model], result: ParseResult) -> bool:
    """Add a row to its model; False for a day without use. ValueError when a number or the time cannot be read."""
    values: dict[str, Decimal] = {}
    for metric, columns in shape.sums.items():
        parts = [_number(row, header, column) for column in columns]
        told = [part for part in parts if part is not None]
        if told:
            values[metric] = sum(told, Decimal(0))
    moment = _moment(row, header, shape)
    name = _field(row, header, shape.model).partition(",")[0].strip()[:120]
    result.records += 1
    if not values or (not name and not any(values.values())):
        return False
    currency = shape.currency if isinstance(shape.currency, str) else _field(row, header, shape.currency).upper()
    key = (name or "unknown", currency)
    key = key if key in models or len(models) < MAX_MODELS else ("other", currency)
    if key not in models:
        models[key] = Model(_place(row, header, shape, name, result))
    widen(result, moment)
    _add(models[key], values, shape, row, header)
    return True


def _add(model: Model, values: dict[str, Decimal], shape: Shape, row: Row, header: Header) -> None:
    model.cost += values.pop("cost", Decimal(0))
    model.sums.update({metric: int(value) for metric, value in values.items()})
    if shape.per_request:
        model.sums["requests"] += 1
        latency = _number(row, header, "latency")
        if latency is not None and latency >= 0:
            model.latency.add([bucket_of(float(latency))])


def _field(row: Row, header: Header, names: tuple[str, ...]) -> str:
    at = header.find(names)
    return "" if at is None else row.fields[at].strip()


def _number(row: Row, header: Header, column: str) -> Decimal | None:
    value = readers.number(_field(row, header, (column,)), header.delimiter)
    if value is not None and not is_amount(value):
        raise ValueError("no amount that a period holds")
    return None if value is None else Decimal(str(value))


def _moment(row: Row, header: Header, shape: Shape) -> datetime | None:
    text = _field(row, header, shape.times)
    if len(text) == 10 and text[4:5] == "-":  # a day; the column's name says that it is UTC's
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return read_time(text)


def _place(row: Row, header: Header, shape: Shape, name: str, result: ParseResult) -> Place:
    if not shape.per_request:
        return quote_row(row, header.columns, result)
    result.redacted += 1
    return readers.place(row.line, name, result) if name and name in row.text else Place(row.line, MARK)


def _evidence(name: str, currency: str, model: Model, shape: Shape) -> Evidence:
    metrics = {metric: float(value) for metric, value in model.sums.items()}
    if "cost" in shape.sums:
        metrics["cost"] = float(model.cost)
    if metrics.get("requests") and "cost" in metrics:
        metrics["cost_per_request"] = metrics["cost"] / metrics["requests"]
    if metrics.get("input_tokens") and "cached_tokens" in metrics:
        metrics["cached_share"] = metrics["cached_tokens"] / metrics["input_tokens"]
    if model.latency.counts:
        metrics |= {"p50_s": model.latency.quantile(0.5), "p95_s": model.latency.quantile(0.95)}
    attrs = {"source": shape.carrier} | ({"currency": currency} if currency else {})
    sketches = {"s": dict(model.latency.counts)} if model.latency.counts else {}
    return Evidence("ops.llm", name, metrics, model.place, attrs=attrs, sketches=sketches)


def _finish(shape: Shape, models: dict[tuple[str, str], Model], empty: int, result: ParseResult) -> None:
    several = len({currency for _, currency in models}) > 1
    result.evidence = [
        _evidence(f"{name} ({currency})" if several else name, currency, model, shape)
        for (name, currency), model in sorted(models.items())
    ]
    for metric in ("requests", "input_tokens", "output_tokens", "cached_tokens"):
        values = [row.metrics[metric] for row in result.evidence if metric in row.metrics]
        if values:
            result.totals[metric] = int(sum(values))
    if "cost" in shape.sums and not several:
        result.totals["cost"] = float(sum((model.cost for model in models.values()), Decimal(0)))
    result.totals["models"] = len(models)
    result.records_lines = result.lines - result.blank - result.rejected
    result.enables = ["What language models cost, by model", "How much of the input is cached"]
    if empty:
        result.notes.append(f"{empty:,} rows are days without use.")
    if not shape.per_request:
        result.notes.append("The export sums up periods: it tells no time per request.")


PARSER = Parser(
    id="llm-usage",
    title="Usage of language models (OpenAI, Anthropic, Gemini, Langfuse, AI Gateway)",
    how_to_export="OpenAI: Usage > Export (activity or costs); Anthropic: Console > Usage or Cost > Export CSV; "
    "Langfuse: Tracing > Observations > Export CSV; or what their usage and cost APIs "
    "answer, as JSON; Vercel: GET https://ai-gateway.vercel.sh/v1/report?group_by=model&date_part=day&start_date=...",
    looks_for="CSV with num_model_requests and input_tokens, amount_value and line_item, usage_input_tokens_no_cache, "
    "cost_usd and token_type, or latency and totalCost; JSON of the APIs of OpenAI, Anthropic, Langfuse and Vercel AI "
    "Gateway, or answers of Gemini with usageMetadata",
    kinds=("ops.llm",),
    sniff=sniff,
    parse=parse,
)
