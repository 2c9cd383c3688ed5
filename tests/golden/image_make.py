# SPDX-License-Identifier: MIT
"""Writes image.*: one 8 x 6 picture, (30 x, 40 y, 100), in the formats and depths that decoders meet."""
import pathlib
import subprocess

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
y, x = np.mgrid[0:6, 0:8]
rgb = np.stack([30 * x, 40 * y, np.full_like(x, 100)], -1).astype(np.uint8)
alpha = (255 - 20 * x - 5 * y).astype(np.uint8)
grey = (30 * x + 5 * y).astype(np.uint8)


def save(name, array, mode=None, **options):
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(HERE / f"image.{name}", **options)


save("rgb.png", rgb)
save("rgba.png", np.dstack([rgb, alpha]))
save("grey.png", grey)
Image.fromarray(rgb).quantize(64).save(HERE / "image.palette.png")
save("bit.png", (grey > 128))
save("baseline.jpg", rgb, quality=98, subsampling=0)
save("progressive.jpg", rgb, quality=98, subsampling=0, progressive=True)
save("halved.jpg", np.kron(rgb, np.ones((4, 4, 1), np.uint8)), quality=98, subsampling=2)
save("grey.jpg", grey, quality=98)
inks = np.dstack([255 - rgb, np.full_like(x, 40)]).astype(np.uint8)
Image.fromarray(inks, "CMYK").save(HERE / "image.cmyk.jpg", quality=98)  # inverted, as Adobe does, and marked so
save("rgb.bmp", rgb)
save("rgb.tga", rgb)
save("rle.tga", rgb, compression="tga_rle")
save("rgb.ppm", rgb)
save("grey.pgm", grey)
save("still.gif", rgb)
frames = [Image.fromarray(np.roll(rgb, k, 1)) for k in range(3)]
frames[0].save(HERE / "image.animated.gif", save_all=True, append_images=frames[1:], duration=100)

large = np.kron(rgb, np.ones((4, 4, 1), np.uint8))
save("restart.jpg", large, quality=98, subsampling=0, restart_marker_blocks=1)


def segments(name):
    """(marker, its whole bytes) of a JPEG; a scan's with its data."""
    file = (HERE / f"image.{name}").read_bytes()
    at = 2
    while file[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(file[at + 2:at + 4], "big")
        if file[at + 1] == 0xDA:
            end = file.index(b"\xff\xd9", end)
        yield file[at + 1], file[at:end]
        at = end


# A scan for each channel: those of three grey JPEGs, one frame around them.
start, scans = b"\xff\xd8", b""
for c, channel in enumerate(np.moveaxis(np.asarray(Image.fromarray(rgb).convert("YCbCr")), -1, 0)):
    save("separate.jpg", np.ascontiguousarray(channel), quality=98)
    for kind, segment in segments("separate.jpg"):
        if kind == 0xC0:
            frame = segment[:3] + b"\x11" + segment[4:9] + bytes([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
        elif kind == 0xDA:
            scans += segment[:5] + bytes([c + 1]) + segment[6:]
        elif c == 0:
            start += segment
(HERE / "image.separate.jpg").write_bytes(start + frame + scans + b"\xff\xd9")

# Pillow writes neither of these.
source = str(HERE / "image.rgb.png")
for options, name in (["-interlace", "PNG"], "interlaced.png"), (["-depth", "16"], "deep.ppm"):
    subprocess.run(["convert", source, *options, "-strip", str(HERE / f"image.{name}")], check=True)
deep = (rgb.astype(np.uint32) * 257 + 100).clip(0, 65535)  # rounds to rgb; cut to a byte the bright ones are one off
(HERE / "deep.raw").write_bytes(deep.astype(">u2").tobytes())
subprocess.run(["convert", "-size", "8x6", "-depth", "16", "-endian", "MSB", f"rgb:{HERE / 'deep.raw'}",
                "-define", "png:bit-depth=16", "-strip", str(HERE / "image.deep.png")], check=True)
(HERE / "deep.raw").unlink()
