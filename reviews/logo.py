"""A logo as pixels: whatever was sent is decoded with bounds and written again as PNG."""

import io
from typing import BinaryIO

from django.core.exceptions import ValidationError
from PIL import Image, UnidentifiedImageError

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 4_000_000
SHOWN = (1200, 600)


def read_logo(file: BinaryIO) -> bytes:
    """PNG bytes of at most 1200 × 600 pixels; ValidationError says what is wrong."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValidationError("The logo is larger than 2 MB. Send a smaller PNG or JPEG.")
    try:
        image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if image.width * image.height > MAX_PIXELS:
            raise ValidationError("The logo has more than 4 million pixels. Send a smaller one.")
        image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ValidationError("This is not a PNG or JPEG picture.") from problem
    picture = image.convert("RGBA")
    picture.thumbnail(SHOWN)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
