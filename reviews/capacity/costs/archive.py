"""How much of the database is older than what has to stay at hand: rows that could be moved to cheap storage."""

from reviews.capacity.catalogue import need_of
from reviews.capacity.cells import Machine, cell
from reviews.capacity.costs.money import MONEY, figure_of, product, total
from reviews.capacity.inputs import Figure, Input, Inputs, worst

AFTER, PRICE = "archive.after_days", "cost.storage_per_gb"
_GB = 1e9
FORMULA = "size × (rows − new rows a day × days kept) ÷ rows"


def archivable(inputs: Inputs) -> Machine:
    """{"after_days": cell | None, "tables": [{"table", "bytes": cell}], "bytes": cell | None, "monthly": cell | None,
    "needs": [..]}

    Of tables whose size, rows and growth are known. Rows are counted as young at today's pace; a table that grew slower
    before holds more old rows than said, so it is a lower end where the pace rose. `monthly` where a price is known.
    """
    after = inputs.get(AFTER)
    if after is None:
        return _nothing([need_of(AFTER)], None)
    tables = {name: figure for name in _tables(inputs) if (figure := _old(inputs, name, after)) is not None}
    if not tables:
        return _nothing([need_of("table.<name>.rows_per_day"), need_of("table.<name>.bytes")], figure_of(after))
    whole = total(list(tables.values()), "sum of the tables")
    price = inputs.get(PRICE)
    saved = product(_gigabytes(whole), figure_of(price), MONEY, "gigabytes × price of storage") if price else None
    ranked = sorted(tables.items(), key=lambda pair: (-pair[1].value, pair[0]))
    return {
        "after_days": cell(figure_of(after)),
        "tables": [{"table": name, "bytes": cell(figure)} for name, figure in ranked if figure.high > 0],
        "bytes": cell(whole),
        "monthly": cell(saved) if saved else None,
        "needs": [] if saved else [need_of(PRICE)],
    }


def _nothing(needs: list[str], after: Figure | None) -> Machine:
    kept = cell(after) if after else None
    return {"after_days": kept, "tables": [], "bytes": None, "monthly": None, "needs": needs}


def _tables(inputs: Inputs) -> list[str]:
    end = ".rows_per_day"
    return [entry.key[len("table.") : -len(end)] for entry in inputs.below("table") if entry.key.endswith(end)]


def _old(inputs: Inputs, name: str, after: Input) -> Figure | None:
    """Bytes of rows that are older; None where size, rows or growth are not known, or there is no row."""
    known = [inputs.get(f"table.{name}.{metric}") for metric in ("bytes", "rows", "rows_per_day")]
    entries = [entry for entry in known if entry is not None]
    if len(entries) < len(known) or entries[1].low <= 0:
        return None
    size, rows, new = entries

    def old(size: float, rows: float, new: float, days: float) -> float:
        return size * max(0.0, rows - new * days) / rows

    return Figure(
        old(size.value, rows.value, new.value, after.value),
        old(size.low, rows.low, new.high, after.high),
        old(size.high, rows.high, new.low, after.low),
        "bytes",
        worst(entry.grade for entry in (*entries, after)),
        FORMULA,
        tuple(entry.key for entry in (*entries, after)),
    )


def _gigabytes(size: Figure) -> Figure:
    return Figure(size.value / _GB, size.low / _GB, size.high / _GB, "1", size.grade, "", size.uses)
