"""The intake as a form: the same fields as the TOML file, checked by the same code."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from reviews.intake import Flow, Intake, IntakeError, capacity_to_toml, parse_capacity
from reviews.models import Engagement
from reviews.services.engagements import intake_of


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        lines = super().to_python(value).splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: Any) -> None:
        if any(len(line) > 200 for line in value):
            raise forms.ValidationError("Each line holds at most 200 characters.")


class EngagementForm(forms.Form):
    """The facts of the [engagement] table."""

    title = forms.CharField(max_length=120)
    stack = LinesField(required=False, help_text="One a line: nextjs, vercel, postgres, redis, bullmq …")
    current_mau = forms.IntegerField(required=False, min_value=0, label="Monthly active users now")
    target_mau = forms.IntegerField(required=False, min_value=0, label="Monthly active users, target")
    growth_per_month = forms.FloatField(required=False, min_value=0, max_value=5, help_text="0.08 is 8 % a month.")
    engineers = forms.IntegerField(
        required=False, min_value=0, max_value=1000, help_text="People who can work on the plan."
    )
    monthly_revenue = forms.FloatField(required=False, min_value=0)
    currency = forms.RegexField(r"^[A-Z]{3}$", required=False, help_text="Three letters, such as USD.")
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    hard_constraints = LinesField(required=False, help_text="What may not change this week, one a line.")
    team = forms.IntegerField(
        required=False, min_value=0, max_value=100_000, help_text="People who build and run the system."
    )
    policy = forms.CharField(required=False, max_length=60, help_text="The profile of thresholds that is applied.")
    capacity = forms.CharField(
        required=False,
        label="Capacity model",
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "ll-code"}),
        help_text="As in the intake file: [[driver]], [capacity], [[resource]], [[scenario]], [[cost]], [targets]. "
        "The answers of [checks] stand below.",
    )

    def clean_capacity(self) -> Any:
        try:
            return parse_capacity(self.cleaned_data["capacity"])
        except IntakeError as problem:
            raise forms.ValidationError(problem.problems) from problem

    @classmethod
    def of(cls, engagement: Engagement) -> "EngagementForm":
        """The form filled with what stands there now."""
        intake = intake_of(engagement)
        stated = replace(intake.capacity, checks={})
        typed = {"team": stated.team, "policy": stated.policy, "capacity": capacity_to_toml(stated)}
        facts = {name: getattr(intake, name) for name in cls.base_fields if name not in typed}
        return cls(initial=facts | typed)

    def intake(self, engagement: Engagement, flows: BaseFormSet, answers: Mapping[str, str]) -> Intake:
        """The intake as typed; client, stage and inputs stay as they are. A [checks] typed as TOML counts more."""
        now = intake_of(engagement)
        facts = {name: value if value != "" else None for name, value in self.cleaned_data.items()}
        model = facts["capacity"]
        model = replace(model, checks={**answers, **model.checks}, team=facts.pop("team"), policy=facts.pop("policy"))
        facts["capacity"] = model
        return Intake(client=now.client, stage=now.stage, inputs=now.inputs, flows=tuple(typed_flows(flows)), **facts)


class FlowForm(forms.Form):
    """One [[flow]] table. An empty name drops the row."""

    name = forms.CharField(required=False, max_length=60)
    revenue_share = forms.FloatField(required=False, min_value=0, max_value=1)
    user_share = forms.FloatField(required=False, min_value=0, max_value=1)
    routes = LinesField(required=False)
    tables = LinesField(required=False)
    queues = LinesField(required=False)


class FlowFormSet(BaseFormSet):
    """All flows together: names differ, revenue shares add up to at most 1."""

    def clean(self) -> None:
        names = [flow.name for flow in typed_flows(self)]
        if len(names) != len(set(names)):
            raise forms.ValidationError("Two flows have the same name. Give each its own.")
        total = sum(flow.revenue_share or 0 for flow in typed_flows(self))
        if total > 1 + 1e-9:
            raise forms.ValidationError(f"The revenue shares add up to {total:.2f}. They may add up to at most 1.")


def typed_flows(flows: BaseFormSet) -> list[Flow]:
    """The flows that have a name."""
    rows = (form.cleaned_data for form in flows.forms if form.is_valid())
    return [Flow(**row) for row in rows if row.get("name")]


def flow_forms(engagement: Engagement, data: Any = None) -> BaseFormSet:
    """The engagement's flows and two empty rows."""
    make = formset_factory(FlowForm, formset=FlowFormSet, extra=2, max_num=20)
    initial = [{name: getattr(flow, name) for name in FlowForm.base_fields} for flow in intake_of(engagement).flows]
    return make(data, initial=initial, prefix="flows")
