"""Cells that a spreadsheet opens as text, whatever a file or a person put into them."""

# A cell that begins with one of these is a formula somewhere: ASCII and full-width signs, tab, carriage return.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> object:
    """Text that could be a formula gets a leading apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" '\"").startswith(STARTS):
        return "'" + value
    return value
