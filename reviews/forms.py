"""One form per edit. They check what was typed; services write."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextInputWidget

from reviews.buyer_inputs import SLUGS
from reviews.capacity.policy import names
from reviews.logo import read_logo
from reviews.models import Brand, BuyerInput, Client, Engagement, Finding
from reviews.models.findings import Severity
from reviews.risk_map import AREAS
from tickets.models import PlanItem


class FindingForm(forms.Form):
    """A consultant's words on a finding. `version` is the save the form was opened on."""

    changes = ("title", "narrative", "status")

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(
        max_length=120,
        label="Title",
        widget=forms.TextInput(attrs={"autofocus": True}),
        help_text="Names the problem in eight words or fewer.",
    )
    narrative = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Markdown. Stands in the report under the finding.",
    )
    status = forms.ChoiceField(choices=Finding.Status.choices)

    @classmethod
    def of(cls, finding: Finding) -> "FindingForm":
        """The form filled with what stands there now."""
        values = {name: getattr(finding, name) for name in cls.changes}
        return cls(initial=values | {"title": finding.shown_title, "version": finding.version})

    def differences(self, finding: Finding) -> list[dict[str, str]]:
        """Where what was typed differs from what stands there: label, theirs, mine. For the two-versions view."""
        mine = self.cleaned_data
        theirs = {name: str(getattr(finding, name)) for name in self.changes} | {"title": finding.shown_title}
        return [
            {"label": str(self[name].label), "theirs": theirs[name], "mine": str(mine[name])}
            for name in self.changes
            if theirs[name] != str(mine[name])
        ]


class StatusForm(forms.Form):
    """One decision on a finding."""

    version = forms.IntegerField()
    status = forms.ChoiceField(choices=Finding.Status.choices)

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        return {"version": self.cleaned_data["version"], "changes": {"status": self.cleaned_data["status"]}}


class ActForm(forms.Form):
    """Confirming an override again, or withdrawing it."""

    version = forms.IntegerField()
    note = forms.CharField(required=False, max_length=500)


class FindingFilter:
    """The board's filters, read from the address; unknown values are ignored."""

    fields = (("severity", Severity.choices), ("status", Finding.Status.choices), ("area", None))

    def __init__(self, data: QueryDict, *, engagement: Engagement) -> None:
        self.rows = list(engagement.findings.ranked())
        self.gone = data.get("gone") == "1"
        self.hidden = data.get("hidden") == "1" and not self.gone
        self.gone_count = sum(not row.present for row in self.rows)
        self.hidden_count = sum(row.present and row.hidden for row in self.rows)
        self.clear_count = sum(row.standing == Finding.Standing.CLEAR for row in self.rows)
        self.stale_count = sum(row.present and row.stale for row in self.rows)
        self.confirmed = sum(row.status == Finding.Status.CONFIRMED for row in self.rows if _on_map(row))
        areas = [(area, AREAS.get(area, area)) for area in sorted({row.area for row in self.rows})]
        known = {name: dict(choices or areas) for name, choices in self.fields}
        self.labels = known
        self.chosen = {name: data[name] for name in known if data.get(name) in known[name]}

    @property
    def query(self) -> str:
        """What is chosen, as the end of an address."""
        chosen = self.chosen | self._list
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def _list(self) -> dict[str, str]:
        return {"gone": "1"} if self.gone else {"hidden": "1"} if self.hidden else {}

    def _listed(self, row: Finding) -> bool:
        return row.present is not self.gone and (self.gone or row.hidden is self.hidden)

    @property
    def total(self) -> int:
        """How many findings there are under no filter."""
        return sum(map(self._listed, self.rows))

    def findings(self) -> list[Finding]:
        """The findings that match, in order of rank; those of one title carry what each is about, to be told apart."""
        found = [row for row in self.rows if self._listed(row) and self._matches(row, self.chosen)]
        titles = Counter(row.shown_title for row in found)
        for row in found:
            subject = row.machine.get("subject", {}).get("name", "")
            row.apart = subject if titles[row.shown_title] > 1 else ""  # type: ignore[attr-defined]
        return found

    def chips(self) -> list[dict[str, Any]]:
        """One chip per value: label, count under the other filters, address, and whether it is chosen."""
        return [
            self._chip(name, value, label, counts[value])
            for name, labels in self.labels.items()
            for counts in [self._counts(name)]
            for value, label in labels.items()
            if counts[value] or self.chosen.get(name) == value
        ]

    def _counts(self, name: str) -> Counter[str]:
        others = {field: value for field, value in self.chosen.items() if field != name}
        rows = (row for row in self.rows if self._listed(row) and self._matches(row, others))
        return Counter(_shown(row, name) for row in rows)

    def _chip(self, name: str, value: str, label: str, count: int) -> dict[str, Any]:
        on = self.chosen.get(name) == value
        query = {field: other for field, other in self.chosen.items() if field != name}
        query |= self._list
        if not on:
            query[name] = value
        return {"field": name, "label": label, "count": count, "on": on, "query": urlencode(query)}

    @staticmethod
    def _matches(row: Finding, chosen: dict[str, str]) -> bool:
        return all(_shown(row, name) == value for name, value in chosen.items())


def _on_map(row: Finding) -> bool:
    return row.present and not row.hidden


def _shown(row: Finding, name: str) -> str:
    return str(row.shown_severity if name == "severity" else getattr(row, name))


class InputForm(forms.Form):
    """A consultant's word on one buyer input; empty leaves it to the uploads."""

    slug = forms.ChoiceField(choices=[(slug, slug) for slug in SLUGS])
    state = forms.ChoiceField(required=False, choices=[("", "By uploads"), *BuyerInput.State.choices])


class IntakeTextForm(forms.Form):
    """An intake file."""

    file = forms.FileField()

    def clean_file(self) -> str:
        """The text of the file: at most 256 KB of UTF-8."""
        file = self.cleaned_data["file"]
        if file.size > 256 * 1024:
            raise forms.ValidationError("An intake is a short TOML file; this one is larger than 256 KB.")
        try:
            return str(file.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The intake is not UTF-8 text. Save it as UTF-8 and send it again.") from error


class MoveForm(forms.Form):
    """Where a plan entry goes."""

    day = forms.TypedChoiceField(choices=PlanItem.Day.choices, coerce=int)


class EngagementForm(forms.ModelForm):
    """An engagement; a new one can be for a client that is named here for the first time."""

    new_client = forms.CharField(
        required=False,
        max_length=120,
        label="Or a new client",
        help_text="Its name, if it is not in the list.",
        widget=UnfoldAdminTextInputWidget(),
    )

    class Meta:
        model = Engagement
        fields = ("code", "title", "client", "brand", "stage", "due", "raw_days", "compares", "notes")
        help_texts = {
            "code": "Stands in every address and on the report, such as HB-2026. It cannot be changed later.",
            "title": "As the report names it, such as “500k MAU scaling review”.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "client" in self.fields:
            self.fields["client"].required = False
        if "compares" in self.fields:
            choices = [("unknown", "As the brand says"), ("true", "Yes"), ("false", "No")]
            self.fields["compares"].widget.choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One client, from the list or new."""
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if "client" not in self.fields or "client" in self.errors or "new_client" in self.errors:
            return facts
        name = facts["new_client"] = facts.get("new_client", "").strip()
        if bool(facts.get("client")) == bool(name):
            both = "Choose a client or name a new one, not both."
            self.add_error("client", both if name else "Choose a client, or name a new one.")
        elif name and Client.objects.filter(name=name).exists():
            self.add_error("new_client", "There is a client of this name. Choose it, or ask an admin who works for it.")
        return facts


class BrandForm(forms.ModelForm):
    """A brand; the logo is checked and re-encoded, so that nothing but pixels is kept."""

    logo_file = forms.FileField(required=False, label="Logo", help_text="PNG or JPEG, at most 2 MB.")

    class Meta:
        model = Brand
        fields = (
            "name", "accent", "ink", "heading_font", "body_font", "paper", "compares", "legal", "call_label",
            "call_url",
        )  # fmt: skip
        widgets = {"accent": UnfoldAdminColorInputWidget(), "ink": UnfoldAdminColorInputWidget()}
        help_texts = {
            "accent": "Links, buttons and bars. Dark enough to be read on white.",
            "ink": "Headings of the report.",
            "legal": "Stands at the foot of the portal and on the first and last page of the report.",
            "call_label": "The button that closes report and portal, such as “Book the next step”.",
        }

    def clean_logo_file(self) -> bytes | None:
        """The logo as PNG bytes, or None when no new one was sent."""
        file = self.cleaned_data["logo_file"]
        return read_logo(file) if file else None

    def save(self, commit: bool = True) -> Brand:
        """Keep the old logo unless a new one was sent."""
        logo = self.cleaned_data.get("logo_file")
        if logo:
            self.instance.logo, self.instance.logo_type = logo, "png"
        brand: Brand = super().save(commit)
        return brand


class PolicyForm(forms.Form):
    """The profile of thresholds of a review. An empty name leaves it to the intake."""

    name = forms.ChoiceField(choices=[("", ""), *((name, name) for name in names())], required=False)
    reason = forms.CharField(max_length=300, required=False)


class CapacityForm(forms.Form):
    """One number of the capacity model. An empty value leaves it to files and intake again."""

    key = forms.CharField(max_length=200)
    value = forms.CharField(max_length=40, required=False)
    reason = forms.CharField(max_length=300, required=False)

    def values(self) -> tuple[str, str, str]:
        """Key, what was typed, and why; ValueError says what is wrong."""
        if not self.is_valid():
            raise ValueError(" ".join(text for texts in self.errors.values() for text in texts))
        return tuple(self.cleaned_data[name] for name in self.fields)  # type: ignore[return-value]
