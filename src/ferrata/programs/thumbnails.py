"""A command that makes small pictures of files of images, with the project's own packages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ferrata.records.command import Command

SIDE = 96
_THUMBNAILS = """
import base64
import io
import json
import sys

from PIL import Image, ImageOps

found = []
for path in json.loads(sys.argv[1]):
    try:
        with Image.open(path) as image:
            small = ImageOps.exif_transpose(image).convert("RGB")
            small.thumbnail((int(sys.argv[2]), int(sys.argv[2])))
            content = io.BytesIO()
            small.save(content, "PNG")
            found.append(base64.b64encode(content.getvalue()).decode())
    except (OSError, ValueError):
        found.append("")
print("THUMBNAILS" + json.dumps(found))
"""


def thumbnails(python: Path, files: Sequence[Path]) -> Command:
    """Print them as PNG in base64, "" for what is no image, as JSON after "THUMBNAILS" on one line. Nothing but the pixels goes into them."""
    arguments = (str(python), "-c", _THUMBNAILS, json.dumps([str(each) for each in files]), str(SIDE))
    return Command(arguments, why="make small pictures", timeout=120)
