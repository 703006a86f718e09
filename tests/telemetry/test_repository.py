"""A repository is read the same from a zip, a tar and a folder; around its source all is read as it always was."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from telemetry.evidence import Evidence, ParseError
from telemetry.opening import open_path
from telemetry.reading import Reading, read_opened
from telemetry.source_code import bundle
from tests.telemetry.noise import noise

SAMPLES = Path(__file__).parents[1] / "samples" / "repos"
SHOP = SAMPLES / "shop-next"
REDIS_INFO = b"# Server\nredis_version:7.2.4\n# Memory\nused_memory:1000\nmaxmemory:2000\n# Stats\nevicted_keys:5\n"
ROUTE = b"export async function GET() {\n  return Response.json(await prisma.order.findMany())\n}\n"


def readings(path: Path) -> dict[str, Reading]:
    return {reading.file: reading for reading in map(read_opened, open_path(path))}


def source_of(path: Path) -> Reading:
    [found] = [reading for reading in readings(path).values() if reading.format == "source-code"]
    assert found.error is None
    return found


def rows(reading: Reading) -> list[Evidence]:
    assert reading.result is not None
    return reading.result.evidence


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tar_of(path: Path, members: dict[str, bytes]) -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    path.write_bytes(gzip.compress(packed.getvalue()))
    return path


def members(folder: Path, prefix: str = "") -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {prefix + path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_artefacts_are_read_by_their_own_parsers_and_the_source_as_one(tmp_path: Path) -> None:
    found = readings(zip_of(tmp_path / "repo.zip", members(SHOP)))
    assert {name: reading.format for name, reading in found.items()} == {
        "repo.zip/.env.example": "env-example",
        "repo.zip/.github/workflows/ci.yml": "github-workflow",
        "repo.zip/package.json": "package-json",
        "repo.zip/prisma/schema.prisma": "prisma-schema",
        "repo.zip/vercel.json": "vercel-config",
        "repo.zip/source code": "source-code",
    }
    assert all(reading.error is None for reading in found.values())


@pytest.mark.parametrize("prefix", ["", "shop-4f2a/"])
def test_zip_tar_and_folder_give_the_same_evidence(tmp_path: Path, prefix: str) -> None:
    inside = members(SHOP, prefix)
    for name, content in inside.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    folder = source_of(tmp_path / "folder")
    for packed in (zip_of(tmp_path / "repo.zip", inside), tar_of(tmp_path / "repo.tar.gz", inside)):
        reading = source_of(packed)
        assert len(rows(reading)) == len(rows(folder)) > 50
        for one, other in zip(rows(reading), rows(folder), strict=True):
            assert one.file == f"{packed.name}/{other.file}"
            assert (one.kind, one.metrics, one.place, one.places) == (
                other.kind,
                other.metrics,
                other.place,
                other.places,
            )


def test_evidence_names_the_file_and_line_it_stands_in(tmp_path: Path) -> None:
    reading = source_of(zip_of(tmp_path / "repo.zip", members(SHOP)))
    [row] = [row for row in rows(reading) if "charge_without_idempotency_key" in row.metrics]
    assert (row.file, row.place.line) == ("repo.zip/src/app/api/checkout/route.ts", 7)
    assert "stripe.paymentIntents.create" in row.place.quote


def test_exports_beside_a_repository_are_read_and_unknown_ones_are_told(tmp_path: Path) -> None:
    inside = {
        "exports/redis.txt": REDIS_INFO,
        "exports/notes.txt": b"call me on monday\n",
        "code/package.json": b'{"name": "a", "scripts": {"build": "next build"}, "dependencies": {}}',
        "code/app/api/orders/route.ts": ROUTE,
        "code/tsconfig.json": b'{"compilerOptions": {"strict": true}}',
        "code/README.md": b"# hello\n",
        "code/dump/redis.txt": REDIS_INFO,
    }
    found = readings(zip_of(tmp_path / "mixed.zip", inside))
    assert {name: reading.format for name, reading in found.items()} == {
        "mixed.zip/exports/redis.txt": "redis-info",
        "mixed.zip/exports/notes.txt": None,
        "mixed.zip/code/package.json": "package-json",
        "mixed.zip/code/dump/redis.txt": "redis-info",
        "mixed.zip/source code": "source-code",
    }
    result = found["mixed.zip/source code"].result
    assert result is not None
    assert result.totals["routes"] == 1
    assert "1 in no format of an export" in result.notes[0]
    assert "1 documents, pictures and other languages" in result.notes[0]


def test_what_others_wrote_is_never_read(tmp_path: Path) -> None:
    inside = {"package.json": b'{"name": "a", "scripts": {}}', "app/a/route.ts": ROUTE}
    for folder in (
        "node_modules/x",
        "dist",
        "packages/a/build",
        "vendor",
        ".git/hooks",
        ".next/server",
        "src/generated",
    ):
        inside[f"{folder}/route.ts"] = ROUTE
    inside |= {"app/a/route.test.ts": ROUTE, "tests/b/app/x/route.ts": ROUTE, "types/index.d.ts": ROUTE}
    reading = source_of(zip_of(tmp_path / "repo.zip", inside))
    assert reading.result is not None
    assert (reading.result.totals["files"], reading.result.totals["routes"]) == (1, 1)
    assert "6 built, 2 tests and examples" in reading.result.notes[0]


def test_an_ordinary_repository_of_three_thousand_files_is_one_row(tmp_path: Path) -> None:
    inside = {f"src/components/part{number}.tsx": b"export const A = () => <p/>\n" for number in range(2_500)}
    inside |= {f"node_modules/m{number}/index.js": b"x" for number in range(8_000)}
    inside |= {"package.json": b'{"name": "a", "scripts": {}}', "app/a/route.ts": ROUTE}
    for path in (zip_of(tmp_path / "repo.zip", inside), tar_of(tmp_path / "repo.tgz", inside)):
        found = readings(path)
        assert len(found) == 2
        result = found[f"{path.name}/source code"].result
        assert result is not None
        assert (result.totals["files"], result.totals["routes"]) == (2_501, 1)


def test_a_thousand_migrations_do_not_refuse_a_repository(tmp_path: Path) -> None:
    step = b"CREATE TABLE t%d (id bigint PRIMARY KEY);\n"
    inside = {f"prisma/migrations/{number:04}/migration.sql": step % number for number in range(1_200)}
    inside |= {"package.json": b'{"name": "a", "scripts": {}}', "app/a/route.ts": ROUTE}
    opened = list(open_path(zip_of(tmp_path / "repo.zip", inside)))
    assert len(opened) == 501
    result = read_opened(opened[-1]).result
    assert result is not None
    assert "701 beyond the first 500 schemas, settings and migrations" in result.notes[0]


def test_large_minified_and_binary_files_are_counted_not_read(tmp_path: Path) -> None:
    inside = {
        "package.json": b'{"name": "a", "scripts": {}}',
        "app/a/route.ts": ROUTE,
        "big.js": b"a = 1\n" * 60_000,
        "one-line.js": b"a=1;" * 30_000,
        "deep.ts": b"[" * 3_000,
        "blob.py": noise(5_000),
        "huge.js": b"x" * 50_000_000,
    }
    reading = source_of(zip_of(tmp_path / "repo.zip", inside))
    assert reading.result is not None
    assert reading.result.totals["files"] == 1
    assert "2 larger than 256 KB, 2 minified or generated, 1 not text" in reading.result.notes[0]


def test_links_in_a_repository_are_left_out_and_a_way_out_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "repo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app/a/route.ts", ROUTE)
        link = zipfile.ZipInfo("app/b/route.ts")
        link.external_attr = (0o120777) << 16
        archive.writestr(link, "/etc/passwd")
    reading = source_of(path)
    assert reading.result is not None
    assert reading.result.totals["files"] == 1
    with pytest.raises(ParseError, match="outside of itself"):
        list(open_path(zip_of(tmp_path / "bad.zip", {"a/route.ts": ROUTE, "../evil.ts": ROUTE})))


def test_a_file_that_is_called_like_the_stream_keeps_its_name(tmp_path: Path) -> None:
    found = readings(zip_of(tmp_path / "r.zip", {"source code": REDIS_INFO, "app/a/route.ts": ROUTE}))
    assert {name: reading.format for name, reading in found.items()} == {
        "r.zip/source code": "redis-info",
        "r.zip/source code (2)": "source-code",
    }


def test_a_bundle_reads_back_what_was_written() -> None:
    files = [("a.ts", b"one\r\ntwo"), ("b.py", "caf\u00e9\n".encode("utf-16")), ("empty.ts", b"")]
    left_out = bundle.Counter({"tests": 2})
    text = b"".join(bundle.written(files, left_out))
    told: bundle.Counter[str] = bundle.Counter()
    found = list(bundle.files_of(enumerate(text.split(b"\n")[:-1], 1), told))
    assert found == [
        bundle.SourceText("a.ts", b"one\ntwo\n"),
        bundle.SourceText("b.py", "caf\u00e9\n".encode()),
        bundle.SourceText("empty.ts", b""),
    ]
    assert told == {"tests": 2}
