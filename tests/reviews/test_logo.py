"""A logo is pixels and nothing else, whatever was sent."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from reviews.forms import BrandForm
from reviews.logo import MAX_BYTES, SHOWN, read_logo
from reviews.models import Brand


def picture(size: tuple[int, int] = (8, 4), kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1 if mode == "P" else None).save(out, kind)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_comes_back_as_png(kind: str) -> None:
    image = Image.open(io.BytesIO(read_logo(io.BytesIO(picture(kind=kind)))))
    assert (image.format, image.size, image.mode) == ("PNG", (8, 4), "RGBA")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    assert read_logo(io.BytesIO(picture(mode=mode))).startswith(b"\x89PNG")


def test_a_large_picture_is_made_smaller() -> None:
    image = Image.open(io.BytesIO(read_logo(io.BytesIO(picture((2400, 600))))))
    assert image.size == (SHOWN[0], 300)


def test_what_hides_behind_the_pixels_is_gone() -> None:
    hidden = b"<script>alert(1)</script>"
    sent = picture() + hidden
    assert hidden in sent
    assert hidden not in read_logo(io.BytesIO(sent))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"GIF89a" + b"\x00" * 50,
        picture()[:40],
        picture(kind="JPEG")[:100],
        picture()[:20] + b"\xff" * 20 + picture()[40:],
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError, match="not a PNG or JPEG"):
        read_logo(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG" + b"x" * MAX_BYTES, "larger than 2 MB"),
        (claiming(5000, 1000), "more than 4 million pixels"),
        (claiming(60_000, 60_000), "not a PNG or JPEG|pixels"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_unpacked(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        read_logo(io.BytesIO(content))


@pytest.mark.django_db
def test_a_brand_keeps_its_logo_until_another_is_sent() -> None:
    fields = {
        "name": "B",
        "accent": "#0b5d66",
        "ink": "#14212b",
        "heading_font": "inter",
        "body_font": "inter",
        "paper": "A4",
    }
    form = BrandForm(fields, {"logo_file": SimpleUploadedFile("logo.svg.png", picture())})
    assert form.is_valid(), form.errors
    brand = form.save()
    kept = bytes(brand.logo)
    again = BrandForm(fields | {"name": "C"}, instance=brand)
    assert again.is_valid()
    again.save()
    assert bytes(Brand.objects.get().logo) == kept
    assert not BrandForm(fields, {"logo_file": SimpleUploadedFile("x.png", b"<svg/>")}, instance=brand).is_valid()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "red"),
        ("ink", "#12345"),
        ("call_url", "javascript:alert(1)"),
        ("call_url", "file:///etc/passwd"),
        ("heading_font", "Comic"),
    ],
)
@pytest.mark.django_db
def test_no_css_and_no_other_address_is_typed(field: str, value: str) -> None:
    fields = {
        "name": "B",
        "accent": "#0b5d66",
        "ink": "#14212b",
        "heading_font": "inter",
        "body_font": "inter",
        "paper": "A4",
    }
    assert field in BrandForm(fields | {field: value}).errors
