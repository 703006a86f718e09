"""What stands around a whole export: a Markdown fence, the prompt and the command, the statement."""

import re
from dataclasses import dataclass

from telemetry.wrapping.layer import Layer, Strip

_PROSE = 6  # lines of a chat before or after the fence

_FENCE = re.compile(r"[ \t]*(?:```|~~~)[ \t]*[\w.+-]*[ \t]*\Z")
# Shells, redis-cli, psql, mongosh and the like, PowerShell, cmd.exe; `psql` of a second line ends in "-#" or "'#".
_W = r"[\w.-]{1,100}"  # bounded, because a line may be long and hostile
_PROMPT = (
    rf"(?:(?:\$|❯|➜) (?=\S)|{_W}@{_W}[ :][~/\w.-]{{0,80}} ?[$#%>](?: |\Z)"
    rf"|{_W}:[~/\w.-]{{1,100}} {_W}[$#](?: |\Z)|\[{_W}@{_W} [^\]\n]{{1,80}}\][$#](?: |\Z)"
    rf"|PS [A-Za-z]:[^>\n]{{0,120}}>|[A-Za-z]:\\[^>\n]{{0,120}}>"
    rf"|(?:{_W}|\[[\da-f:]{{2,40}}\]):\d{{2,5}}(?:\[\d{{1,3}}\])?(?:\(TX\))?> ?"
    rf"|redis \S{{1,200}}\.sock(?:\[\d{{1,3}}\])?> ?|not connected> ?|\w[\w.-]{{0,62}}[=\-'\"(*][!*^]?[#>](?: |\Z))"
)
_PROMPT_LINE = re.compile(_PROMPT)
_SAID = re.compile(
    r"psql \(\d[^)]*\)\Z|Type \"help\" for help\.|SSL connection \(|Timing is o|Expanded display is|Pager usage is"
    r"|Null display is|You are now connected to|Output format is|WARNING: psql major version|Password for user"
    r"|Border style is|Warning: Using a password|AUTH failed"
)
_PROMPT_BYTES = re.compile(rb"^" + _PROMPT.replace(r"\Z", "$").encode() + rb"[^\n]*", re.M)
_SAID_BYTES = re.compile(rb"^(?:" + _SAID.pattern.replace(r"\Z", r"\r?$").encode() + rb")[^\n]*", re.M)


def fence(lines: list[str], complete: bool) -> Layer | None:
    """One fenced block with a few words of a chat around it."""
    at = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    if not at or at[0] > _PROSE or len(at) > 2 or (complete and len(at) == 2 and len(lines) - at[1] - 1 > _PROSE):
        return None
    return Layer("a Markdown fence", Fenced(at[0]))


@dataclass(slots=True)
class Fenced:
    """Keeps what is inside the fence; begins anew for each stream, because it counts."""

    opening: int

    def __call__(self, block: bytes) -> bytes:
        """For a head, which is one block."""
        return self.begin()(block)

    def begin(self) -> Strip:
        """The same for a stream of blocks."""
        opening, line, closed = self.opening, 0, False

        def strip(block: bytes) -> bytes:
            nonlocal line, closed
            kept: list[bytes] = []
            for text in block.splitlines(keepends=True):
                closing = line > opening and _FENCE.match(text.decode("utf-8", "replace").rstrip("\r\n"))
                closed = closed or bool(closing)
                kept.append(_ended(text) if line <= opening or closed else text)
                line += 1
            return b"".join(kept)

        return strip


@dataclass(slots=True)
class _After(Fenced):
    """Keeps what follows a line."""

    def begin(self) -> Strip:
        """As for a fence."""
        left = self.opening + 1

        def strip(block: bytes) -> bytes:
            nonlocal left
            lines = block.splitlines(keepends=True)
            gone, left = min(left, len(lines)), left - min(left, len(lines))
            return b"".join([*map(_ended, lines[:gone]), *lines[gone:]])

        return strip


def _ended(text: bytes) -> bytes:
    return b"\n" if text.endswith(b"\n") else b""


_QUERY = re.compile(r"\s*(?:select|with|explain|show|table)\b", re.I)
_QUERY_LINES = 60


def statement(lines: list[str]) -> Layer | None:
    """A query and its semicolon before the answer."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if not lines or not _QUERY.match(lines[first]):
        return None
    last = next((at for at, line in enumerate(lines[:_QUERY_LINES]) if line.rstrip().endswith(";")), None)
    return None if last is None else Layer("the query", _After(last))


def terminal(lines: list[str]) -> Layer | None:
    """A prompt with its command before the output, as copied from a terminal."""
    first = next((line for line in lines if line.strip()), "")
    if not _PROMPT_LINE.match(first) and not _SAID.match(first):
        return None
    return Layer("the prompt and the command", lambda block: _SAID_BYTES.sub(b"", _PROMPT_BYTES.sub(b"", block)))
