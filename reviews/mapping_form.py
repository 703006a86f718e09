"""The mapping page's form: what the table is, what each column is, and what holds for all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from telemetry.mappings import mapping_for
from telemetry.models import Upload
from telemetry.source import Head
from telemetry.tables.base import Target
from telemetry.tables.mapping import ColumnMap, field_of, problems_of
from telemetry.tables.preview import examples, first_rows, hidden_columns
from telemetry.tables.shape import MAX_COLUMNS, Table
from telemetry.tables.suggest import Suggestion, currency_of, suggest, suggest_for
from telemetry.tables.targets import TARGETS, target_of

NOT_READ = ("", "is not read")
DECIMALS = [("", "As each number shows"), (".", "Point: 1,234.5"), (",", "Comma: 1.234,5")]
ZONES = [("", "Unknown"), ("UTC", "UTC")]


@dataclass(frozen=True)
class Column:
    """One column on the page: its name, a few cells (redacted), its field of the form, the question that is open."""

    name: str
    examples: list[str]
    field: forms.BoundField
    hint: str


class MappingForm(forms.Form):
    """The fields of a mapping. Columns are fields "c0", "c1" ...: what a stranger calls a column is no name of ours."""

    target = forms.ChoiceField(
        label="What is this table?", choices=[("", "Choose"), *((t.id, t.title) for t in TARGETS)]
    )
    decimal = forms.ChoiceField(required=False, label="Decimal sign", choices=DECIMALS)
    zone = forms.ChoiceField(required=False, label="Zone of times that name none", choices=ZONES)
    currency = forms.CharField(required=False, max_length=3, label="Currency", help_text="Three letters, such as USD.")
    name = forms.CharField(required=False, max_length=80)

    def __init__(self, head: Head, table: Table, data: Any = None, known: ColumnMap | None = None) -> None:
        """`data` is what was sent; without it the form shows the `known` mapping, else what is likely."""
        self.table, self.rows = table, first_rows(head, table)
        self.hints: dict[str, str] = {}
        self.sent_target = str(data.get("target", "")) if data is not None else ""
        turned = data is not None and self.sent_target != str(data.get("shown", ""))
        initial = None if data is not None and not turned else self._start(known, turned)
        super().__init__(None if initial is not None else data, initial=initial)
        self.shown = target_of(self._value("target"))
        self._add_columns()
        self._fit_options()

    def _start(self, known: ColumnMap | None, turned: bool) -> dict[str, Any]:
        """What the form shows before anything is confirmed."""
        if turned and known and known.target != self.sent_target:
            known = None
        if known is not None:
            facts = known.facts()
            columns = facts.pop("columns")
        else:
            found = self._suggested(turned)
            columns, self.hints = found.columns, found.hints
            facts = {"target": self.sent_target if turned else found.target, "currency": found.currency}
        numbers = {name: f"c{at}" for at, name in enumerate(self.table.columns)}
        return facts | {numbers[name]: choice for name, choice in columns.items() if name in numbers}

    def _suggested(self, turned: bool) -> Suggestion:
        target = target_of(self.sent_target) if turned else None
        if turned:
            return suggest_for(target, self.table, self.rows) if target else Suggestion()
        return suggest(self.table, self.rows)

    def _value(self, name: str) -> str:
        return str((self.data.get(name) if self.is_bound else self.initial.get(name)) or "")

    def _add_columns(self) -> None:
        choices = choices_of(self.shown)
        for at, name in enumerate(self.table.columns[:MAX_COLUMNS]):
            self.fields[f"c{at}"] = forms.ChoiceField(required=False, label=name, choices=choices)

    def _fit_options(self) -> None:
        """Only what the chosen target can use is asked."""
        for name, used in (
            ("zone", self.shown and self.shown.timed),
            ("currency", self.shown and self.shown.has_currency),
            ("name", self.shown and self.shown.named),
            ("decimal", self.shown),
        ):
            if not used:
                del self.fields[name]
        if self.shown and self.shown.named:
            self.fields["name"].label = self.shown.named
        if "currency" in self.fields and not self._value("currency") and (told := self._told_currency()):
            self.fields["currency"].help_text = f"Three letters. The column says {told}."

    def _told_currency(self) -> str:
        """What the columns that were said to be amounts show, as a hint: it is a person who says so."""
        mapping = self.mapping()
        fields = {name: field_of(mapping, name) for name in self.table.columns} if mapping else {}
        return currency_of(self.table, self.rows, {name: field for name, field in fields.items() if field})

    def columns(self) -> Iterator[Column]:
        """The columns in the order of the file."""
        hidden = hidden_columns(self.table, self.mapping())
        for at, name in enumerate(self.table.columns[:MAX_COLUMNS]):
            yield Column(name, examples(self.rows, at, at in hidden), self[f"c{at}"], self.hints.get(name, ""))

    def options(self) -> list[forms.BoundField]:
        """The fields that hold for the whole table."""
        return [self[name] for name in ("decimal", "zone", "currency", "name") if name in self.fields]

    def mapping(self) -> ColumnMap | None:
        """The mapping as the form shows it now, whether or not it can be used; None before a target is chosen."""
        if self.shown is None:
            return None
        columns = {name: self._value(f"c{at}") for at, name in enumerate(self.table.columns[:MAX_COLUMNS])}
        facts = {
            name: self._value(name).strip() for name in ("decimal", "zone", "currency", "name") if name in self.fields
        }
        if "currency" in facts:
            facts["currency"] = facts["currency"].upper()
        given = {name: choice for name, choice in columns.items() if choice}
        return ColumnMap(self.shown.id, given, signature=self.table.signature, **facts)

    def usable(self) -> ColumnMap | None:
        """The mapping if a table can be read with it."""
        mapping = self.mapping()
        fits = mapping is not None and not problems_of(mapping, self.table.columns)
        return mapping if fits and not (self.is_bound and self.errors) else None

    def clean(self) -> None:
        """What only the whole mapping can say stands next to the column that caused it."""
        mapping = self.mapping()
        if mapping is None:
            return
        numbers = {name: f"c{at}" for at, name in enumerate(self.table.columns)}
        for key, words in problems_of(mapping, self.table.columns).items():
            field = numbers.get(key, key)
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, words)


def choices_of(target: Target | None) -> list[Any]:
    """What a column can be, grouped by what it says where there are units to choose from."""
    if target is None:
        return [NOT_READ]
    groups: list[Any] = [NOT_READ]
    for field in target.fields:
        title = f"{field.title} (needed)" if field.required else field.title
        groups.append((title, field.choices))
    return groups


def form_for(upload: Upload, head: Head, table: Table, data: Any = None) -> MappingForm:
    """The form of an upload, filled from what was sent, from its client's mapping, or from what is likely."""
    return MappingForm(head, table, data, mapping_for(upload=upload, table=table))
