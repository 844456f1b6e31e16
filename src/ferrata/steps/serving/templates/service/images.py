"""Uploaded images: looked at before they are unpacked."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import warnings

from .contract import Contract, shown
from .problems import Problem, invalid

FORMATS = ("jpeg", "png", "gif", "bmp", "webp", "tiff")
_FEW, _SHORT = 4, 100_000  # images of a request, and their bytes together, that are looked at in the event loop: a thread for it would take longer


async def looked_at(images: list, contract: Contract, pixels: int) -> list:
    """What `checked` gives, without holding up other requests."""
    if len(images) <= _FEW and sum(map(len, images)) <= _SHORT and not any(map(_is_unpacked, images)):
        return checked(images, contract, pixels)
    return await asyncio.get_running_loop().run_in_executor(None, checked, images, contract, pixels)


def checked(images: list, contract: Contract, pixels: int) -> list:
    """Each image as a file in memory. Problem for one that is none, of another format, or too large once unpacked."""
    errors = [{"row": row, "field": contract.names[0], **error} for row, image in enumerate(images) if (error := _error(image, contract, pixels))]
    if errors:
        raise invalid(errors[:20])
    return [io.BytesIO(image) for image in images]


def _error(image: bytes, contract: Contract, pixels: int):
    from PIL import Image

    formats = [name.lower() for name in (contract.signature.get("image") or {}).get("formats") or FORMATS]
    expected = f"an image ({', '.join(formats)})"
    if not image:
        return {"expected": expected, "received": "an empty file"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large image is measured below
            with Image.open(io.BytesIO(image)) as opened:  # reads the head only
                kind, (width, height) = (opened.format or "").lower(), opened.size
                if kind not in [{"jpg": "jpeg", "tif": "tiff"}.get(name, name) for name in formats]:
                    return {"expected": expected, "received": f"an image of format {kind}"}
                if width * height > pixels or getattr(opened, "n_frames", 1) > 1 and width * height * opened.n_frames > pixels:
                    return {"expected": f"an image of at most {pixels:,} pixels", "received": f"{width} × {height} pixels"}
                opened.load() if _is_unpacked(image) else opened.verify()
    except Image.DecompressionBombError:
        return {"expected": f"an image of at most {pixels:,} pixels", "received": "many times more"}
    except Exception:  # decoders of broken files raise anything
        return {"expected": expected, "received": "a file that cannot be read as an image"}
    return None


def _is_unpacked(image: bytes) -> bool:
    """Whether only unpacking tells a broken file. A PNG has checksums. Of a JPEG that was sent to its end it would find nothing more: decoders pass over
    wrong data inside, or fail in the author's code too."""
    if image.startswith(b"\xff\xd8\xff"):
        return not image.rstrip(b"\0").endswith(b"\xff\xd9")
    return not image.startswith(b"\x89PNG\r\n\x1a\n")


def from_text(value, row: int, name: str) -> bytes:
    """An image in JSON is base64, also as a data: address."""
    text = value.partition(",")[2] if isinstance(value, str) and value.startswith("data:") else value
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise invalid([{"row": row, "field": name, "expected": "an image in base64", "received": shown(value)}]) from None


async def uploaded(request, name: str):
    """(the files of a form, or the body itself; whether there were several)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("image/") or kind == "application/octet-stream":
        return [await request.body()], False
    from starlette.exceptions import HTTPException

    try:
        async with request.form(max_files=1000, max_fields=10) as form:
            files = [await file.read() if hasattr(file, "read") else b"" for file in form.getlist(name)]
            others = sorted(set(form) - {name})
    except (HTTPException, ValueError, KeyError) as error:  # the parser's own refusals
        raise Problem("wrong-type", f"The form cannot be read: {getattr(error, 'detail', 'it is broken')}") from None
    if others or not files:
        received = f"the fields {', '.join(others)[:80]}" if others else "nothing"
        raise invalid([{"row": 0, "field": name, "expected": f"a file in the field {name!r}", "received": received}])
    return files, len(files) > 1
