"""What the client says is there or not, as a form: the answers of [checks], one choice for each statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from reviews.capacity.asked import asked
from reviews.capacity.readiness import DIMENSIONS, all_checks
from reviews.capacity.readiness.base import NOT_APPLICABLE

CHOICES = (("", "Not answered"), ("yes", "Yes"), ("partly", "In part"), ("no", "No"))
APART = (NOT_APPLICABLE, "Does not apply")


@dataclass(frozen=True, slots=True)
class Group:
    """The statements of one dimension, and how many of them are answered."""

    title: str
    questions: list[BoundField]
    answered: int
    wrong: bool


class ChecksForm(forms.Form):
    """A field for each key of [checks], by its key; an empty one is not answered."""

    prefix = "checks"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scored = {check.id for check in all_checks()}
        for key, text in asked().items():
            choices = (*CHOICES, APART) if key in scored else CHOICES
            self.fields[key] = forms.ChoiceField(choices=choices, required=False, label=text)

    def answers(self) -> dict[str, str]:
        """Of a valid form, what was answered."""
        return {key: answer for key, answer in self.cleaned_data.items() if answer}

    def groups(self) -> list[Group]:
        """The dimensions in their order, then what only the right-sizing asks."""
        titles = {check.id: dimension.title for dimension in DIMENSIONS for check in dimension.checks}
        grouped: dict[str, list[BoundField]] = {}
        for field in self:
            grouped.setdefault(titles.get(field.name, "Right-sizing"), []).append(field)
        return [
            Group(title, fields, sum(bool(field.value()) for field in fields), any(field.errors for field in fields))
            for title, fields in grouped.items()
        ]


def checks_form(answers: Mapping[str, str]) -> ChecksForm:
    """The form filled with the answers there are."""
    return ChecksForm(initial=answers)
