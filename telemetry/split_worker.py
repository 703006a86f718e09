"""Reads one part of a file for another process: the part comes in on standard input, the state goes out by pickle."""

import os
import pickle
import sys
from typing import BinaryIO

from telemetry.evidence import ParseError
from telemetry.splitting import Part, Undividable


def answer(part: Part, out: BinaryIO) -> None:
    """Say ("progress", (bytes, records)) as it goes, then one of "state", "wrong" and "undividable"."""

    def say(what: str, said: object) -> None:
        pickle.dump((what, said), out, pickle.HIGHEST_PROTOCOL)
        out.flush()

    try:
        say("state", part.state(lambda *count: say("progress", count)))
    except ParseError as problem:
        say("wrong", (problem.message, problem.line))
    except Undividable:
        say("undividable", None)
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more


def main() -> None:
    """A process of its own."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    answer(pickle.load(sys.stdin.buffer), out)  # noqa: S301 - from the process that started this one


if __name__ == "__main__":
    main()
