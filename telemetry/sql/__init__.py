"""SQL as the product reads it: families, readable forms, shapes, index proposals. The only door to the grammar."""

from telemetry.sql.attrs import shape_attrs
from telemetry.sql.grammar import fingerprint, normalize
from telemetry.sql.index import Index, propose_index
from telemetry.sql.keys import comment_tags, literal_key, without_comments
from telemetry.sql.redact import MARK, redact
from telemetry.sql.shape import StatementShape, shape

__all__ = [
    "MARK",
    "Index",
    "StatementShape",
    "comment_tags",
    "fingerprint",
    "literal_key",
    "normalize",
    "propose_index",
    "redact",
    "shape",
    "shape_attrs",
    "without_comments",
]
