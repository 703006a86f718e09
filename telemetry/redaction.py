"""Take secrets and personal data out of text that people will read; the rest of the line stays verbatim.

Meant for quotes (hundreds of characters), not for whole files. Key shapes are the published prefixes of AWS, Stripe,
GitHub, GitLab, Slack and Google credentials; JWT is RFC 7519, user information in URLs RFC 3986 section 3.2.1.
"""

import re
from collections.abc import Callable

MARK = "[redacted]"
QUOTE_CHARS = 500
# More than can be shown, so that a secret at the edge is seen whole before the quote is cut.
_SCAN_CHARS = 4 * QUOTE_CHARS

Replace = str | Callable[[re.Match[str]], str]

_NAMES = (
    r"(?:password|passwd|passphrase|pwd|secret|client[_-]?secret|api[_-]?key|apikey|access[_-]?key|secret[_-]?key"
    r"|private[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|csrf[_-]?token|session[_-]?id"
    r"|requirepass|masterauth|signing[_-]?key|encryption[_-]?key|preview[_-]?mode[_-]?id|signature|x-amz-signature|x-amz-credential|x-amz-security-token|token)"
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"


def _mask_ipv4(match: re.Match[str]) -> str:
    return match[1] + "x"


def _mask_ipv6(match: re.Match[str]) -> str:
    """Keep at most the first three groups (a /48, what a site is given); leave what is no address alone."""
    text = match[0]
    groups = text.split(":")
    is_address = ("::" in text and sum(map(bool, groups)) >= 2) or len(groups) == 8
    if not is_address or all(len(group) <= 2 and group.isdigit() for group in groups if group):
        return text
    kept: list[str] = []
    for group in groups[:3]:
        if not group:
            break
        kept.append(group)
    return ":".join(kept) + "::x"


def _long_secret(match: re.Match[str]) -> str:
    """A long value of a query string is a secret when it mixes letters and digits; a slug does not."""
    value = match[2]
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    uuid = re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value)
    return match[1] + MARK if mixed and not uuid else match[0]


# What gives itself away by its shape, wherever it stands.
_CREDENTIALS: list[tuple[re.Pattern[str], Replace]] = [
    # scheme://user:password@host
    (
        re.compile(r"(\b[a-zA-Z][\w+.-]{0,30}://[^\s:/@'\"<>]{0,200}:)(?!\[redacted\]@)[^\s/@'\"<>]{1,300}(?=@)"),
        r"\1" + MARK,
    ),
    (re.compile(r"(?i)(\b(?:set-)?cookie:(?!\s*\[redacted\])\s*)[^\r\n\"]{1,2000}"), r"\1" + MARK),
    (re.compile(r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,2000}"), r"\1" + MARK),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?"), MARK),
    (re.compile(r"(?<![0-9A-Za-z])(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}(?![0-9A-Za-z])"), MARK),
    (re.compile(r"(?<![0-9A-Za-z])(?:(?:sk|rk|pk)_(?:live|test)_|whsec_)[A-Za-z0-9]{8,}"), MARK),
    (re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})"), MARK),
    (re.compile(r"\b(?:xox[abeprs]-[\w-]{10,}|AIza[\w-]{30,}|sk-[\w-]{20,})"), MARK),
]
# What only the words around it give away.
_NAMED: list[tuple[re.Pattern[str], Replace]] = [
    # password=..., "secret": "...", PGPASSWORD=...; a placeholder ($1, ?) is no secret
    (
        re.compile(
            rf"(?i)((?<![a-z0-9])[a-z0-9_.-]{{0,40}}{_NAMES}[\"']?\s?[=:]\s?)"
            r"(?!\[redacted\])(?:\"([^\"\r\n]{1,500})\"|'([^'\r\n]{1,500})'|(?!\$\d|\?|null\b)([^\s\"'&;,)}\]]{1,500}))"
        ),
        lambda match: (
            match[1] + (f'"{MARK}"' if match[2] is not None else f"'{MARK}'" if match[3] is not None else MARK)
        ),
    ),
    (re.compile(r"([?&;][\w.\[\]%-]{1,60}=)([\w%+/=.~-]{24,2000})"), _long_secret),
]
_PEOPLE: list[tuple[re.Pattern[str], Replace]] = [
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,24}\b"), MARK),
    # A dotted quad after a single "/" or a letter is a version ("Chrome/120.0.0.0"), after "//" a host.
    (
        re.compile(rf"(?<![\w.-])(?:(?<=//)|(?<!/))((?:{_OCTET}\.){{3}}){_OCTET}(?![\w-]|\.\d)"),
        _mask_ipv4,
    ),
    (re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}|(?=::))(?::[0-9a-fA-F]{0,4}){2,8}(?![\w:])"), _mask_ipv6),
]
_RULES = [*_CREDENTIALS, *_NAMED, *_PEOPLE]
_SHAPES = [*_CREDENTIALS, *_PEOPLE]
# One of these stands in every text that _SHAPES would change; asking first is ten times cheaper.
_SUSPECT = re.compile(
    r"@[\w-]{1,63}\.|%40|://|::|:[\da-f]{1,4}:[\da-f]{1,4}:|\d\.\d{1,3}\.\d{1,3}\.\d|eyJ|AKIA|ASIA|AROA|AIDA|[srp]k_|whsec_"
    r"|gh[pousr]_|github_pat|glpat-|xox|AIza|sk-|(?:bearer|basic)\s|cookie:",
    re.IGNORECASE,
)


# The same for _NAMED.
_NAMING = re.compile(
    r"passw|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|session[_-]?id|requirepass|masterauth"
    r"|signature|x-amz|[?&;][\w.\[\]%-]{1,60}=",
    re.IGNORECASE,
)


def redact(text: str) -> tuple[str, int]:
    """The text without secrets and personal data, and how many places were changed.

    Secrets and e-mail addresses become "[redacted]"; IPv4 addresses lose the last octet ("203.0.113.x"), IPv6
    addresses keep their /48 ("2001:db8:1::x"). Redacting twice changes nothing more. NUL becomes U+FFFD, because
    databases refuse NUL in text.
    """
    text = text.replace("\x00", "\ufffd")
    changed = 0
    for pattern, replace in _RULES if _SUSPECT.search(text) or _NAMING.search(text) else ():
        text, count = _substitute(pattern, replace, text)
        changed += count
    return text, changed


def redact_shapes(text: str) -> tuple[str, int]:
    """`redact` for names, labels and messages: only what is a secret or a person by its shape.

    `token = users.token` stays, for a name that stands beside a sign of equality is no value here.
    """
    changed = 0
    if _SUSPECT.search(text):
        for pattern, replace in _SHAPES:
            text, count = _substitute(pattern, replace, text)
            changed += count
    return text, changed


def _substitute(pattern: re.Pattern[str], replace: Replace, text: str) -> tuple[str, int]:
    """Like `subn`, but counts only the places that changed."""
    if isinstance(replace, str):
        return pattern.subn(replace, text)
    changed = 0

    def counted(match: re.Match[str]) -> str:
        nonlocal changed
        new = replace(match)
        changed += new != match[0]
        return new

    return pattern.sub(counted, text), changed


def quote_of(line: bytes | str, around: str = "") -> str:
    """A line as a quote: decoded, redacted, cut to 500 characters.

    With `around` the cut shows that text, if the line is longer than a quote and holds it.
    """
    return counted_quote(line, around)[0]


def counted_quote(line: bytes | str, around: str = "") -> tuple[str, int]:
    """`quote_of`, and how many places were redacted."""
    text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    start = max(0, text.find(around) - _SCAN_CHARS // 2) if around else 0
    text, count = redact(text[start : start + _SCAN_CHARS])
    if len(text) <= QUOTE_CHARS:
        return text, count
    middle = text.find(around) if around else 0
    begin = max(0, min(middle - QUOTE_CHARS // 4, len(text) - QUOTE_CHARS))
    return text[begin : begin + QUOTE_CHARS], count
