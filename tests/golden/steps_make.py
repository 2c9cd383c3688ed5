# SPDX-License-Identifier: MIT
"""Five RMSprop steps of 2e-3 on each case's pyramid, the positions staying, by PyTorch in double precision: the losses
before each step in CASE.json, the picture after the last in CASE.q8.x_after_5_rmsprop_steps.npy ([3, h, w]). RMSprop's
first step is as long for a tiny gradient as for any other, so single precision, which rounds such gradients to either
side of zero, parts ways with itself: PyTorch's own single precision ends 1.4e-2 from this on cat64."""
import json
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "../peer"))
import strotss_torch as peer  # noqa: E402

torch.set_default_dtype(torch.float64)
vgg = peer.Vgg16(peer.read_weights(str(HERE / "../../weights/vgg16.q8.bin")))
vgg.layers = [(filters.double(), bias.double()) for filters, bias in vgg.layers]
for case in "cat64", "coffee97":
    read = lambda what: np.load(HERE / f"{case}.{what}.npy")
    image = lambda what: torch.tensor(read(what))[None].double()
    at, style_at = read("content_yx"), read("style_yx")
    with torch.no_grad():
        c = peer.columns_bilinear(vgg(image("content")), at)
        style = peer.Style(peer.columns_nearest(vgg(image("style")), style_at), False)
    path = HERE / f"{case}.json"
    golden = json.loads(path.read_text())
    pyramid = [level.detach().requires_grad_() for level in peer.make_pyramid(image("x"))]
    optimizer = torch.optim.RMSprop(pyramid, lr=2e-3, alpha=0.99, eps=1e-8)
    golden["rmsprop_losses"] = []
    for _ in range(5):
        optimizer.zero_grad()
        x = peer.columns_bilinear(vgg(peer.fold_pyramid(pyramid)), at)
        total = peer.objective(x, c, style, golden["alpha"])["total"]
        total.backward()
        optimizer.step()
        golden["rmsprop_losses"].append(total.item())
    picture = peer.fold_pyramid(pyramid)[0].detach().numpy().astype(np.float32)
    np.save(HERE / f"{case}.q8.x_after_5_rmsprop_steps.npy", picture)
    path.write_text(json.dumps(golden, indent=1))
