"""Whatever an export is packed in, its text comes out; what is unsafe is refused with a name."""

import gzip
import os
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from telemetry.archives import Limits
from telemetry.evidence import ParseError
from telemetry.opening import Opened, is_archive, open_path
from tests.telemetry.noise import noise

TEXT = b"first line\nsecond line\n"
SMALL = Limits(members=3, total_bytes=5_000, ratio=20, ratio_from=1_000)


def names_of(path: Path) -> list[str]:
    return [opened.name for opened in open_path(path)]


def text_of(opened: Opened) -> bytes:
    with opened.open() as stream:
        return stream.read()


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # the same name twice is one of the cases
        for name, content in members.items():
            archive.writestr(name.removesuffix("#2"), content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        b"\xef\xbb\xbf" + TEXT,
        TEXT.decode().encode("utf-16"),
        TEXT.decode().encode("utf-16-le"),
        TEXT.decode().encode("utf-16-be"),
        b"\xfe\xff" + TEXT.decode().encode("utf-16-be"),
        TEXT.decode().encode("utf-32"),
        gzip.compress(TEXT),
        gzip.compress(TEXT[:11]) + gzip.compress(TEXT[11:]),
        gzip.compress(TEXT.decode().encode("utf-16")),
    ],
    ids=["utf8", "utf8-mark", "utf16-mark", "utf16le", "utf16be", "utf16be-mark", "utf32", "gz", "gz-2", "gz-utf16"],
)
def test_text_comes_out_as_plain_utf8(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.log"
    path.write_bytes(content)
    [opened] = open_path(path)
    assert (opened.name, opened.size) == ("export.log", len(content))
    assert text_of(opened) == TEXT
    assert text_of(opened) == TEXT, "a file can be opened again"
    assert (opened.head().text, opened.head().complete) == (TEXT.decode(), True)


def test_utf16_outside_the_basic_plane_survives_block_ends(tmp_path: Path) -> None:
    text = "caf\u00e9 \U0001f4da line\n" * 200_000
    path = tmp_path / "export.log"
    path.write_bytes(text.encode("utf-16"))
    [opened] = open_path(path)
    with opened.open() as stream:
        parts = list(iter(lambda: stream.read(1_000_003), b""))
    assert b"".join(parts) == text.encode()


def test_latin1_and_nul_bytes_pass_untouched(tmp_path: Path) -> None:
    path = tmp_path / "export.log"
    path.write_bytes(b"caf\xe9 \x00 x\n" * 10)
    [opened] = open_path(path)
    assert text_of(opened) == b"caf\xe9 \x00 x\n" * 10


def test_head_is_64_kb_and_says_that_more_follows(tmp_path: Path) -> None:
    path = tmp_path / "export.log"
    path.write_bytes("é\n".encode() * 50_000)
    [opened] = open_path(path)
    head = opened.head()
    assert not head.complete
    assert "\ufffd" not in head.text
    assert len(head.text.encode()) in range(65_500, 65_537)


def test_zip_members_are_named_after_the_archive(tmp_path: Path) -> None:
    members = {"logs/pg.log": TEXT, "b.log.gz": gzip.compress(TEXT), "__MACOSX/._b": b"x", ".DS_Store": b"x", "d/": b""}
    path = write_zip(tmp_path / "exports.zip", members)
    assert is_archive(path)
    assert names_of(path) == ["exports.zip/logs/pg.log", "exports.zip/b.log.gz"]
    assert [text_of(opened) for opened in open_path(path)] == [TEXT, TEXT]
    assert next(open_path(path, name="client.zip")).name == "client.zip/logs/pg.log"


def test_same_name_twice_gets_two_names(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"a.log": b"1", "a.log#2": b"2"})
    assert [(opened.name, text_of(opened)) for opened in open_path(path)] == [
        ("e.zip/a.log", b"1"),
        ("e.zip/a.log (2)", b"2"),
    ]


def test_folder_is_read_in_order_without_hidden_files_and_links(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "logs").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("b.log", "a.log", "logs/c.log", ".hidden", ".git/config"):
        (folder / name).write_bytes(TEXT)
    (tmp_path / "secret").write_bytes(b"not yours")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    write_zip(folder / "z.zip", {"in.log": TEXT})
    assert is_archive(folder)
    assert names_of(folder) == ["a.log", "b.log", "logs/c.log", "z.zip/in.log"]


def test_workflows_and_the_example_of_settings_are_shown_although_hidden(tmp_path: Path) -> None:
    shown = [".env.example", ".github/workflows/ci.yml"]
    hidden = [".env", ".env.local", ".github/CODEOWNERS", ".git/workflows/ci.yml", ".cache/.env.example"]
    for name in (*shown, *hidden):
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_bytes(TEXT)
    assert names_of(tmp_path / "repo") == shown
    path = write_zip(tmp_path / "e.zip", dict.fromkeys((*shown, *hidden), TEXT))
    assert names_of(path) == [f"e.zip/{name}" for name in shown]


def test_a_refused_archive_in_a_folder_does_not_stop_the_others(tmp_path: Path) -> None:
    write_zip(tmp_path / "bad.zip", {"../evil": TEXT})
    (tmp_path / "good.log").write_bytes(TEXT)
    bad, good = open_path(tmp_path)
    with pytest.raises(ParseError, match="outside of itself"):
        bad.open()
    assert text_of(good) == TEXT


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../evil.log", r"outside of itself \(\.\./evil\.log\)"),
        ("a/../../evil.log", "outside of itself"),
        ("..\\evil.log", "outside of itself"),
        ("/etc/passwd", r"absolute path \(/etc/passwd\)"),
        ("C:\\evil.log", "absolute path"),
    ],
)
def test_unsafe_name_refuses_the_whole_archive(tmp_path: Path, name: str, message: str) -> None:
    path = write_zip(tmp_path / "e.zip", {"good.log": TEXT, name: TEXT})
    with pytest.raises(ParseError, match=message):
        next(open_path(path))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["e.zip"]


def test_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.log")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ParseError, match=r"a link \(link\.log\)"):
        next(open_path(path))


def test_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"a.log": TEXT})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1  # the flag in the member's own header
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # and in the list at the end
    path.write_bytes(raw)
    with pytest.raises(ParseError, match="encrypted"):
        next(open_path(path))


def test_archive_inside_an_archive_is_refused_by_name(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"a.log": TEXT}).read_bytes()
    first, second = open_path(write_zip(tmp_path / "e.zip", {"inner.zip": inner, "b.log": TEXT}))
    with pytest.raises(ParseError, match=r"inner\.zip is an archive inside the archive"):
        first.open()
    assert text_of(second) == TEXT


def test_too_many_members(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {f"{number}.log": TEXT for number in range(4)})
    with pytest.raises(ParseError, match="holds 4 files; at most 3"):
        next(open_path(path, SMALL))
    path = write_zip(tmp_path / "e.zip", {f"{number}.log": TEXT for number in range(3)})
    assert len(list(open_path(path, SMALL))) == 3


def test_forged_member_count_is_refused_before_the_list_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"a.log": TEXT})
    raw = bytearray(path.read_bytes())
    end = raw.rindex(b"PK\x05\x06")
    raw[end + 8 : end + 12] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    with pytest.raises(ParseError, match="at most 1,000"):
        next(open_path(path))


def test_total_size_is_counted_while_reading(tmp_path: Path) -> None:
    junk = {f"{number}.log": noise(2_000, number) for number in range(3)}
    first, second, third = open_path(write_zip(tmp_path / "e.zip", junk), SMALL)
    assert len(text_of(first)) == len(text_of(first)) == len(text_of(second)) == 2_000
    with pytest.raises(ParseError, match="unpacks to more than"):
        text_of(third)


@pytest.mark.parametrize("packed", ["bomb.zip", "bomb.gz", "gz_in.zip"])
def test_ratio_is_bounded_once_much_was_read(tmp_path: Path, packed: str) -> None:
    zeros = b"\x00" * 4_000
    path = tmp_path / packed
    if packed == "bomb.gz":
        path.write_bytes(gzip.compress(zeros))
    else:
        write_zip(path, {"bomb.log": gzip.compress(zeros) if packed == "gz_in.zip" else zeros})
    [opened] = open_path(path, SMALL)
    with pytest.raises(ParseError, match="more than 20 times its size"):
        text_of(opened)


def test_real_logs_compress_less_than_the_bound(tmp_path: Path) -> None:
    line = '203.0.113.{} - - [12/Nov/2025:14:05:{:02d} +0000] "GET /books/{} HTTP/1.1" 200 {} "-" "Mozilla/5.0"\n'
    text = "".join(line.format(i % 250, i // 50 % 60, i * 7 % 991, i * 31 % 9973) for i in range(150_000)).encode()
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(text))
    [opened] = open_path(path)
    assert len(text_of(opened)) > Limits().ratio_from


@pytest.mark.parametrize("cut", [1, 2, 5, 12, -1, -6])
def test_truncated_gzip_says_so(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.log.gz"
    whole = gzip.compress(noise(5_000))
    path.write_bytes(whole[:cut])
    [opened] = open_path(path)
    if cut == 1:  # one byte is not yet gzip
        assert text_of(opened) == whole[:1]
        return
    with pytest.raises(ParseError, match="gzip file is cut off"):
        text_of(opened)


def test_damaged_gzip_and_zip_say_so(tmp_path: Path) -> None:
    broken = bytearray(gzip.compress(noise(5_000)))
    broken[-6] ^= 0xFF
    (tmp_path / "a.gz").write_bytes(broken)
    [opened] = open_path(tmp_path / "a.gz")
    with pytest.raises(ParseError, match="gzip file is damaged"):
        text_of(opened)
    whole = write_zip(tmp_path / "e.zip", {"a.log": noise(5_000)}).read_bytes()
    (tmp_path / "e.zip").write_bytes(whole[:-30])
    with pytest.raises(ParseError, match="cut off"):
        next(open_path(tmp_path / "e.zip"))
    flipped = bytearray(whole)
    flipped[2_000] ^= 0xFF
    (tmp_path / "e.zip").write_bytes(flipped)
    [opened] = open_path(tmp_path / "e.zip")
    with pytest.raises(ParseError, match=r"a\.log in the archive is damaged"):
        text_of(opened)


def test_names_are_made_fit_to_show(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"<script>\n\x1b[31m.log": TEXT, "x" * 2_000 + ".log": TEXT})
    first, second = names_of(path)
    assert first == "e.zip/<script>??[31m.log"
    assert len(second) < 320
    assert second.endswith(".log")


def test_what_is_not_there_or_empty_says_so(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="There is no file"):
        next(open_path(tmp_path / "missing"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ParseError, match="holds no files"):
        next(open_path(tmp_path / "empty"))
    with pytest.raises(ParseError, match="holds no files"):
        next(open_path(write_zip(tmp_path / "e.zip", {})))


def test_office_file_is_not_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "book.xlsx", {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert not is_archive(path)
    assert names_of(path) == ["book.xlsx"]
