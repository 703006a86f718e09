"""The form in which a consultant sets one field of a finding by hand."""

from typing import Any

from django import forms

from reviews.models import Finding, RiskOverride
from reviews.models.findings import Severity
from reviews.risk.override import computed_value, described
from reviews.risk.why import DEGRADATION

MAX_DAYS = 200
PROXIMITY = {
    5: "5, it already happened",
    4: "4, within 30 days or at 80 % of a limit",
    3: "3, within 90 days or at 60 % of a limit",
    2: "2, within a year or at 40 % of a limit",
    1: "1, later than that",
}


def value_field(field: str) -> forms.Field | None:
    """How the value of a field is asked for; hiding asks for none."""
    if field == "severity":
        return forms.ChoiceField(choices=Severity.choices, label="Severity")
    if field == "proximity":
        return forms.TypedChoiceField(choices=list(PROXIMITY.items()), coerce=int, label="Proximity")
    if field == "degradation":
        steps = [(value, f"{value:g}, {words}") for value, words in DEGRADATION.items()]
        return forms.TypedChoiceField(choices=steps, coerce=float, label="Degradation")
    if field == "exposure":
        label = "Per cent of the flows' requests that meet it"
        return forms.FloatField(min_value=0, max_value=100, label=label)
    if field == "effort":
        return forms.FloatField(min_value=0.125, max_value=MAX_DAYS, label="Engineer-days for the whole fix")
    return None


class OverrideForm(forms.Form):
    """A value, why, and when to look at it again. `version` is the save the form was opened on."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    field = forms.ChoiceField(choices=RiskOverride.Field.choices, widget=forms.HiddenInput)
    reason_code = forms.ChoiceField(choices=RiskOverride.Why.choices, label="Kind of reason")
    reason = forms.CharField(
        max_length=2_000,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    review_by = forms.DateField(
        required=False,
        label="Look at it again by",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The gate reminds of it from that day on.",
    )
    field_order = ("version", "field", "value", "reason_code", "reason", "review_by")

    def __init__(self, *args: Any, finding: Finding, chosen: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.chosen = chosen if chosen in RiskOverride.Field.values else RiskOverride.Field.SEVERITY.value
        asked = value_field(self.chosen)
        if asked is not None:
            self.fields["value"] = asked
            self.order_fields(self.field_order)
        printed = "The report does not print it." if self.chosen == "hide" else "The report prints it."
        self.fields["reason"].help_text = f"At least 30 characters. {printed}"
        self.computed = described(self.chosen, computed_value(finding.machine, self.chosen))

    @classmethod
    def of(cls, finding: Finding, chosen: str) -> "OverrideForm":
        """The form with what holds now, else with what is computed."""
        held = finding.overrides.active().filter(field=chosen).first()
        value = held.value if held else computed_value(finding.machine, chosen)
        start: dict[str, Any] = {"version": finding.version, "field": chosen}
        start["value"] = 100 * value if chosen == "exposure" else value
        if held:
            start |= {name: getattr(held, name) for name in ("reason_code", "reason", "review_by")}
        return cls(finding=finding, chosen=chosen, initial=start)

    @property
    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        data = dict(self.cleaned_data)
        data.setdefault("value", True)
        if self.chosen == "exposure":
            data["value"] = data["value"] / 100
        return data
