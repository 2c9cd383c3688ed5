# SPDX-License-Identifier: MIT
"""Writes emd_costs.npy [4, 48, 48] and emd_values.npy [4]: cost matrices (uniform; few whole numbers, so full of ties;
distances on a line; cosine distances of random features) and the mean costs of their best assignments, by scipy."""
import pathlib

import numpy as np
from scipy.optimize import linear_sum_assignment

HERE, N = pathlib.Path(__file__).parent, 48
random = np.random.default_rng(11)
a, b = np.maximum(random.normal(size=(2, N, 30)), 0)
a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
line = random.random((2, N))
costs = np.stack([random.random((N, N)), random.integers(0, 4, (N, N)),
                  np.abs(line[0][:, None] - line[1]), 1 - a @ b.T])
costs = costs.astype(np.float32)
np.save(HERE / "emd_costs.npy", costs)
np.save(HERE / "emd_values.npy",
        np.array([c[linear_sum_assignment(c)].mean(dtype=np.float64) for c in costs], np.float32))
