# SPDX-License-Identifier: MIT
"""Writes resize_*.npy: PyTorch's antialiased bilinear resizing of a noisy picture, down, up and mixed ([h,w,3])."""
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
picture = np.random.default_rng(7).integers(0, 256, (29, 41, 3)).astype(np.float32)
np.save(HERE / "resize_in.npy", picture)
planar = torch.from_numpy(picture / 255).permute(2, 0, 1)[None]
for height, width in (5, 8), (16, 23), (29, 60), (40, 50):
    out = F.interpolate(planar, (height, width), mode="bilinear", antialias=True, align_corners=False)
    np.save(HERE / f"resize_{height}x{width}.npy", np.ascontiguousarray(out[0].permute(1, 2, 0).numpy()))
