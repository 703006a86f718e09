"""Work that stops a whole process while it runs: synchronous hashing, files, programs; waiting in async Python."""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Call
from telemetry.source_code.services import http_library
from telemetry.source_code.smells.base import CLEAR, HIT, Judged, Smell, Verdict, at_call, in_request, is_deferred
from telemetry.source_code.survey import Survey

_NODE = re.compile(
    r"(?:^|\.)(?:execSync|spawnSync|execFileSync|pbkdf2Sync|scryptSync|hashSync|compareSync|gzipSync|gunzipSync"
    r"|deflateSync|brotliCompressSync|readFileSync|writeFileSync|generateKeyPairSync)\Z"
)
_PYTHON = frozenset({"time.sleep", "subprocess.run", "subprocess.check_output", "subprocess.call", "os.system"})


def check(survey: Survey) -> Iterator[Judged]:
    """Every such call that a request runs; building a page may read files."""
    for call, entries in survey.reached:
        waiting = [entry for entry in in_request(entries) if entry.kind != "page"]
        verdict = _verdict(call) if waiting else None
        if verdict is not None:
            yield at_call(verdict, call, waiting, callee=call.name)


def _verdict(call: Call) -> Verdict | None:
    """None when it does not block."""
    if call.file.language != "python":
        return (CLEAR if is_deferred(call) else HIT) if _NODE.search(call.name) else None
    function = call.function
    in_async = function is not None and function.is_async
    if call.name in _PYTHON:
        return HIT
    if in_async and http_library(call) in ("requests", "urllib"):
        return HIT
    return None


SMELL = Smell("blocking_call", "a request blocks its whole process", check)
