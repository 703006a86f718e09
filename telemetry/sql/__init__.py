"""SQL as the product reads it: families, readable forms, shapes, index proposals. The only door to the grammar."""

from telemetry.sql.attrs import shape_attrs
from telemetry.sql.ddl import SqlProblem, enum_name, expression, read_statement
from telemetry.sql.grammar import fingerprint, normalize
from telemetry.sql.index import Index, propose_index
from telemetry.sql.keys import comment_tags, literal_key, without_comments
from telemetry.sql.redact import MARK, redact
from telemetry.sql.shape import StatementShape, shape

__all__ = [
    "MARK",
    "Index",
    "SqlProblem",
    "StatementShape",
    "comment_tags",
    "enum_name",
    "expression",
    "fingerprint",
    "literal_key",
    "normalize",
    "propose_index",
    "read_statement",
    "redact",
    "shape",
    "shape_attrs",
    "without_comments",
]
