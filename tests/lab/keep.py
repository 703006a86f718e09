"""Keep the exports of a draw as samples: one archive for each run, with its truth, that the test suite replays.

    python tests/lab/keep.py DIR OUT

Of the shapes only the complete one is kept; the incomplete ones are parts of it (`exports.PARTS`).
"""

import argparse
import gzip
import io
import sys
import tarfile
from pathlib import Path

KEPT = ("csv", "truth.json", "intake.toml", "felt.json")


def packed(run: Path) -> bytes:
    """A run as tar.gz, the same bytes for the same files."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(path for name in KEPT for path in (run / name, *(run / name).glob("*")) if path.is_file()):
            entry = tarfile.TarInfo(path.relative_to(run).as_posix())
            entry.size = path.stat().st_size
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return gzip.compress(written.getvalue(), 9, mtime=0)


def unpack(archive: Path, run: Path) -> None:
    """The files of a kept run."""
    with tarfile.open(archive) as packed_run:
        run.mkdir(parents=True, exist_ok=True)
        packed_run.extractall(run, filter="data")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("runs", type=Path)
    options.add_argument("out", type=Path)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for truth in sorted(chosen.runs.glob("*/truth.json")):
        (chosen.out / f"{truth.parent.name}.tar.gz").write_bytes(packed(truth.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
