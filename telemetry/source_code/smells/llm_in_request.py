"""A language model asked while a person waits, with the whole answer at once: ten seconds and more."""

from collections.abc import Iterator

from telemetry.source_code.services import is_llm
from telemetry.source_code.smells.base import CLEAR, HIT, Judged, Smell, at_call, in_request, is_deferred
from telemetry.source_code.survey import Survey


def check(survey: Survey) -> Iterator[Judged]:
    """Every question to a model; streamed, after the answer, or in a job it is fine. Embeddings are quick."""
    for call, entries in survey.reached:
        if not is_llm(call) or "embeddings" in call.name:
            continue
        waiting = in_request(entries)
        table = call.table(0)
        streams = bool(table) and table is not None and table.get("stream") not in (None, False)
        streams = streams or call.options.get("stream") not in (None, False)
        fine = streams or not waiting or is_deferred(call)
        yield at_call(CLEAR if fine else HIT, call, waiting or entries, callee=call.name)


SMELL = Smell("llm_in_request", "a request waits for a language model", check)
