# SPDX-License-Identifier: MIT
"""Adds two pairs of points to each case, by PyTorch in double precision from the hypercolumns on: the pairs (content x,
content y, style x, style y, weight) and the term's value in CASE.json, its gradient towards the image in
CASE.q8.grad_points.npy ([3, h, w])."""
import json
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "../peer"))
import strotss_torch as peer  # noqa: E402

vgg = peer.Vgg16(peer.read_weights(str(HERE / "../../weights/vgg16.q8.bin")))
for case in "cat64", "coffee97":
    read = lambda what: np.load(HERE / f"{case}.{what}.npy")
    image = lambda what: torch.tensor(read(what))[None]
    picture, style = image("x").requires_grad_(), image("style")
    height, width = picture.shape[2:]
    style_height, style_width = style.shape[2:]
    # One near a corner, so that its positions are held inside, and one amid.
    pairs = [[0, height - 2, style_width // 3, style_height // 2, 1], [width // 2, height // 3, style_width - 1, 0, 3]]
    points = [((cy + .5) / height, (cx + .5) / width, (sy + .5) / style_height, (sx + .5) / style_width, weight)
              for cx, cy, sx, sy, weight in pairs]
    with torch.no_grad():
        y = peer.columns_bilinear(vgg(style), peer.point_positions([p[2:4] for p in points], style_height, style_width))
    x = peer.columns_bilinear(vgg(picture), peer.point_positions([p[:2] for p in points], height, width))
    term = peer.points_term(x.double(), y.double(), [p[4] for p in points])
    (gradient,) = torch.autograd.grad(term, picture)
    np.save(HERE / f"{case}.q8.grad_points.npy", gradient[0].numpy())
    path = HERE / f"{case}.json"
    golden = json.loads(path.read_text())
    golden["points"] = {"point_pairs": sum(pairs, []), "point_term": term.item()}
    path.write_text(json.dumps(golden, indent=1))
