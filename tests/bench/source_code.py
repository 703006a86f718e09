"""Reading a repository against tree-sitter alone, which is the limit: `python -m tests.bench.source_code [FOLDER]`.

Without a folder the two sample shops are read many times over, each copy in a folder of its own.
"""

import io
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from telemetry.parsers.source_code import PARSER
from telemetry.source import Source
from telemetry.source_code import bundle
from telemetry.source_code.selection import language_of
from telemetry.source_code.tree import root_of

SAMPLES = Path(__file__).parents[1] / "samples" / "repos"
COPIES = 40


def files_in(folder: Path | None) -> list[tuple[str, bytes]]:
    """(path, bytes) of every source file."""
    root = folder or SAMPLES
    found = [path for path in sorted(root.rglob("*")) if path.is_file() and language_of(path.name)]
    texts = [(path.relative_to(root).as_posix(), path.read_bytes()) for path in found]
    return texts if folder else [(f"copy{copy}/{name}", text) for copy in range(COPIES) for name, text in texts]


def main() -> None:
    """Print CPU seconds of both, their ratio, and the memory."""
    text = b"".join(bundle.written(files_in(Path(sys.argv[1]) if len(sys.argv) > 1 else None), Counter()))
    files = [one for one in bundle.files_of(enumerate(text.split(b"\n"), 1), Counter()) if not isinstance(one, tuple)]
    size = sum(len(one.text) for one in files) / 1e6
    root_of(b"a", "typescript")  # grammars are loaded once
    start = time.process_time()
    for one in files:
        root_of(one.text, language_of(one.path) or "")
    bare = time.process_time() - start
    start = time.process_time()
    result = PARSER.parse(Source("source code", io.BytesIO(text)))
    whole = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(files):,} files, {size:.1f} MB, {result.totals['routes']} routes, {result.totals['smells']} smells")
    print(f"tree-sitter alone {bare:.2f} CPU s, {size / bare:.1f} MB/s")
    print(
        f"whole reading     {whole:.2f} CPU s, {size / whole:.1f} MB/s, {whole / bare:.1f} times that, {memory:.0f} MB"
    )


if __name__ == "__main__":
    main()
