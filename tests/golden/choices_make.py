# SPDX-License-Identifier: MIT
"""Adds to each case the objective's choices, by PyTorch in double precision from the hypercolumns on: the content term
of centred and of Euclidean distances, and entropic transport (W of src/losses/transport/sinkhorn.h, solved to the end by scaling
exp(-C / epsilon)), as values in CASE.json and as gradients towards the image in CASE.q8.grad_*.npy ([3, h, w])."""
import json
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "../peer"))
import strotss_torch as peer  # noqa: E402

EPSILON = 0.01


def self_similarity(x, c, distances):
    off_diagonal = 1 - torch.eye(len(x), dtype=x.dtype)
    dx, dc = distances(x) * off_diagonal, distances(c) * off_diagonal
    return (dx / dx.sum(0) - dc / dc.sum(0)).abs().sum() / len(x)


def centred(x):
    x = x - x.mean(0)
    return peer.cosine_distances(x, x)


def euclidean(x):
    squares = (x ** 2).sum(1)
    return (squares[:, None] + squares - 2 * x @ x.t()).clamp_min(1e-12).sqrt()


def entropic(x, y):
    """W, with the gradient that its plan, held fixed, gives <P, C>."""
    cost = peer.cosine_distances(x, y)
    kernel = torch.exp(-cost.detach() / EPSILON)
    a, b = (torch.full((len(side),), 1 / len(side), dtype=x.dtype) for side in (x, y))
    v = torch.ones_like(b)
    for _ in range(20000):
        u = 1 / (kernel @ (v * b))
        v, before = 1 / (kernel.t() @ (u * a)), v
        if (v / before - 1).abs().max() < 1e-9:
            break
    plan = (u * a)[:, None] * kernel * (v * b)
    moved = (plan * cost).sum()
    return moved + (EPSILON * ((a * u.log()).sum() + (b * v.log()).sum()) - moved).detach()


vgg = peer.Vgg16(peer.read_weights(str(HERE / "../../weights/vgg16.q8.bin")))
for case in "cat64", "coffee97":
    read = lambda what: np.load(HERE / f"{case}.{what}.npy")
    image = lambda what: torch.tensor(read(what))[None]
    at, style_at = read("content_yx"), read("style_yx")
    with torch.no_grad():
        c = peer.columns_bilinear(vgg(image("content")), at).double()
        y = peer.columns_nearest(vgg(image("style")), style_at).double()
    picture = image("x").requires_grad_()
    x = peer.columns_bilinear(vgg(picture), at).double()
    terms = {"content_centred": self_similarity(x, c, centred), "content_euclidean": self_similarity(x, c, euclidean),
             "remd_sinkhorn": entropic(x, y)}
    for name, term in terms.items():
        (gradient,) = torch.autograd.grad(term, picture, retain_graph=True)
        np.save(HERE / f"{case}.q8.grad_{name}.npy", gradient[0].numpy())
    path = HERE / f"{case}.json"
    golden = json.loads(path.read_text())
    golden["choices"] = {name: term.item() for name, term in terms.items()}
    path.write_text(json.dumps(golden, indent=1))
