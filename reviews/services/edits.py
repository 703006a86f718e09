"""Why an edit of a finding is not saved."""

from reviews.models import Finding


class EditConflict(Exception):
    """Somebody saved this finding since the form was opened. `current` is what stands there now."""

    def __init__(self, current: Finding) -> None:
        super().__init__("Somebody else saved this finding while you were writing.")
        self.current = current


class EditError(Exception):
    """The edit is not complete; `field` names where, the message says what is missing."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
