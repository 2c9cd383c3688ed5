# SPDX-License-Identifier: MIT
"""Writes profile_NAME.png or .jpg, a picture of 12 x 8 colours under a profile, and profile_NAME_wanted.png, what
Little CMS (Pillow's ImageCms) makes of it in sRGB. The profiles are written here by ICC.1: primaries and tone curves of
Display P3 (formula), Adobe RGB (gamma, in two pieces) and ProPhoto (table, larger than sRGB by far), and sRGB itself."""
import io
import pathlib
import struct

import numpy as np
from PIL import Image, ImageCms

HERE = pathlib.Path(__file__).parent
Y, X = np.mgrid[0:8, 0:12]
PICTURE = np.stack([X * 255 // 11, Y * 255 // 7, (X * 5 + Y * 9) % 13 * 255 // 12], -1).astype(np.uint8)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D50 = np.array([0.9642, 1, 0.8249])


def xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def primaries(red, green, blue, white):
    """Columns in XYZ under D50."""
    columns = np.stack([xyz(*red), xyz(*green), xyz(*blue)], 1)
    columns = columns * np.linalg.solve(columns, xyz(*white))
    cone = BRADFORD @ xyz(*white)
    return np.linalg.inv(BRADFORD) @ np.diag(BRADFORD @ D50 / cone) @ BRADFORD @ columns


def fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))


def profile(columns, curve):
    tags = {b"wtpt": b"XYZ " + bytes(4) + fixed(*D50), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
            b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78), b"cprt": b"text" + bytes(4) + b"free\0"}
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T):
        tags[name] = b"XYZ " + bytes(4) + fixed(*column)
    table, data, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    size = start + len(data)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + fixed(*D50)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + data


def para(kind, *numbers):
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + fixed(*numbers)


def curv(*numbers):
    return b"curv" + bytes(4) + struct.pack(f">I{len(numbers)}H", len(numbers), *numbers)


D65, WHITE50 = (0.3127, 0.3290), (0.3457, 0.3585)
SRGB_CURVE = para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
PROFILES = {
    "p3": profile(primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65), SRGB_CURVE),
    "adobe": profile(primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65), curv(round(2.19921875 * 256))),
    "prophoto": profile(primaries((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), WHITE50),
                        curv(*(round(65535 * (i / 255) ** 1.8) for i in range(256)))),
    "srgb": profile(primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65), SRGB_CURVE),
}
TO = ImageCms.createProfile("sRGB")

for name, icc in PROFILES.items():
    out = HERE / f"profile_{name}.{'jpg' if name == 'adobe' else 'png'}"
    if name == "adobe":
        Image.fromarray(PICTURE).save(out, quality=100, subsampling=0)
        file, mark = out.read_bytes(), b"ICC_PROFILE\0"
        pieces = b"".join(b"\xff\xe2" + struct.pack(">H", len(part) + 16) + mark + bytes([number, 2]) + part
                          for number, part in ((2, icc[200:]), (1, icc[:200])))
        out.write_bytes(file[:2] + pieces + file[2:])
    else:
        Image.fromarray(PICTURE).save(out, icc_profile=icc)
    picture = Image.open(out)
    wanted = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(icc)), TO, renderingIntent=1)
    Image.fromarray(np.asarray(wanted)).save(HERE / f"profile_{name}_wanted.png")
