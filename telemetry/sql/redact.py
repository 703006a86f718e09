"""Quotes are shown to people: personal data and secrets in them are replaced by a mark before they are stored."""

import re

MARK = "[redacted]"

_LITERAL = r"'(?:[^']|'')*(?:'|$)"
_SENSITIVE = r"(?:password|passwd|pwd|secret|token|api_?key|authorization|credential)"
# (pattern, replacement); what is kept stands in groups, so that every part between marks is text of the original.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(://[^\s:/@']{0,64}:)[^\s@/']{1,128}(@)"), rf"\1{MARK}\2"),
    (re.compile(rf"(\$\d{{1,5}} = )(?!'{re.escape(MARK)}'){_LITERAL}"), rf"\1'{MARK}'"),
    (re.compile(rf"(?i)({_SENSITIVE}\w{{0,20}}\"?\s{{0,3}}(?:=>|:=|=|:|\s)\s{{0,3}}){_LITERAL}"), rf"\1'{MARK}'"),
    (re.compile(rf"(?i)(\b\w{{0,20}}{_SENSITIVE}=)[^\s,;)'\"&\[]{{4,}}"), rf"\1{MARK}"),
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}"), MARK),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"), MARK),
    (
        re.compile(r"\b(?:sk|pk|rk)_(?:live|test)_\w{8,}|\bwhsec_\w{8,}|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{8,}"),
        MARK,
    ),
    (re.compile(r"\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bSG\.[\w-]{16,}\.[\w-]{16,}"), MARK),
    (re.compile(r"(?i)(\bbearer\s)[\w.~+/-]{8,}=*"), rf"\1{MARK}"),
    # A long literal of mixed letters and digits is a key, a hash or a session, unless it is a UUID.
    (re.compile(r"(')(?![0-9a-fA-F-]{36}')(?=[^']*\d)(?=[^']*[A-Za-z])[A-Za-z0-9+/_=-]{24,}(')"), rf"\1{MARK}\2"),
    (re.compile(r"(')\+\d[\d ()-]{7,18}(')"), rf"\1{MARK}\2"),
)


def redact(text: str) -> tuple[str, int]:
    """The text with `[redacted]` for e-mail addresses, secrets, phone numbers and bound values; how many there were."""
    count = 0
    for pattern, replacement in _RULES:
        text, found = pattern.subn(replacement, text)
        count += found
    return text, count
