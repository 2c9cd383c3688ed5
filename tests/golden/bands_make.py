# SPDX-License-Identifier: MIT
"""What src/api/shared/bands.js measures, by Pillow's resizing and numpy, of shipped pictures, into bands.json: the result is
in turn larger and smaller than its style, and of another shape."""
import json
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
CASES = [("cat.jpg", "church-at-auvers.jpg"), ("church-at-auvers.jpg", "rocket.jpg")]


def read(name, side=None):
    image = Image.open(HERE / "../../web/samples" / name).convert("RGB")
    factor = side / max(image.size) if side else 1
    size = tuple(round(length * factor) for length in image.size)
    return image if image.size == size else image.resize(size, Image.LANCZOS)


def bands(here):
    found = []
    for _ in range(4):
        small = here.resize((max(here.width // 2, 1), max(here.height // 2, 1)), Image.BILINEAR)
        band = np.asarray(here, float) - np.asarray(small.resize(here.size, Image.BILINEAR), float)
        light = band.mean(2, keepdims=True)
        found.append({"L": light.std(), "C": (band - light).std()})
        here = small
    return found


answer = []
for result, style in CASES:
    side = max(read(result).size)
    of_result, of_style = bands(read(result)), bands(read(style, side))
    answer.append({"result": result, "style": style, "bands": {"result": of_result, "style": of_style},
                   "finest_colour": of_result[0]["C"] / of_style[0]["C"]})
(HERE / "bands.json").write_text(json.dumps(answer, indent=1) + "\n")
