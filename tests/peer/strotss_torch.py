# SPDX-License-Identifier: MIT
"""The PyTorch peer: STROTSS as the method's description has it, written the way the public PyTorch code is (dense
distance matrices, autograd everywhere), to compare speed and the final objective with. Command line: peer.py.

Images are [1, 3, H, W], rgb in 0..1; a hypercolumn matrix is [n, 2179]; positions are integer (y, x) rows.
Style(..., cached=True) is the optimised variant: mean, covariance and norms of the style are formed once a scale, where
the public code forms them anew every iteration.
"""
import math
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

CHANNELS = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
POOL_BEFORE = {2, 4, 7, 10}                       # conv2_1, conv3_1, conv4_1, conv5_1
TAPPED = {0, 1, 2, 3, 4, 5, 6, 9, 12}             # conv1_1 .. conv3_3, conv4_3, conv5_3
GAINS = (1, 1.2, 0.3, 0.2, 0.12, 0.1, 0.1, 0.105, 0.565, 2)
MEAN, DEVIATION = (123.68 / 255, 116.779 / 255, 103.939 / 255), 0.226
ROTATION = ((.577350, .577350, .577350), (-.577350, .788675, -.211325), (-.577350, -.211325, .788675))
POSITIONS, OFFSET_PERIOD, STYLE_DRAWS, STYLE_DRAW_SIZE = 1024, 10, 5, 1000
FIRST_SIZE, BANDS = 64, 5


# ---- network -------------------------------------------------------------------------------------------------------


def read_weights(path):
    """Thirteen (filters OIHW, bias), as stored: BGR, 0..255. From the engine's own file (format:
    src/network/weights.c) or an .npz with arrays convB_L_w and convB_L_b."""
    if path.endswith(".npz"):
        with np.load(path) as arrays:
            names = sorted(name[:-2] for name in arrays.files if name.endswith("_w"))
            return [(arrays[name + "_w"], arrays[name + "_b"]) for name in names]
    with open(path, "rb") as file:
        data = file.read()
    magic, version, kind = struct.unpack_from("<8sII", data)
    if magic != b"STROTSSW" or version != 1:
        raise ValueError(f"{path}: not a weights file this peer reads")
    offset, layers = 16, []

    def take(kind, count):
        nonlocal offset
        array = np.frombuffer(data, kind, count, offset)
        offset += array.nbytes
        return array

    for cin, cout in zip(CHANNELS, CHANNELS[1:]):
        if tuple(take("<u4", 2)) != (cin, cout):
            raise ValueError(f"{path}: not VGG-16")
        bias = take("<f4", cout)
        scale = take("<f4", cout)[:, None, None, None] if kind == 1 else 1
        filters = take("i1" if kind == 1 else "<f2", cout * cin * 9).reshape(cout, cin, 3, 3)
        layers.append((filters.astype(np.float32) * scale, bias))
    return layers


class Vgg16(torch.nn.Module):
    """Ten taps of an image: the image itself and nine ReLU maps, without gains."""

    def __init__(self, weights):
        super().__init__()
        self.layers = []
        for i, (filters, bias) in enumerate(weights):
            filters = filters[:, ::-1] if i == 0 else filters
            self.layers.append((torch.tensor(np.ascontiguousarray(filters, np.float32)),
                                torch.tensor(np.asarray(bias, np.float32) / (255 * DEVIATION))))
        self.mean = torch.tensor(MEAN).view(1, 3, 1, 1)

    def forward(self, image):
        taps = [image]
        x = (image - self.mean) / DEVIATION
        for i, (filters, bias) in enumerate(self.layers):
            if i in POOL_BEFORE:
                x = F.max_pool2d(x, 2)
            x = F.relu(F.conv2d(x, filters, bias, padding=1))
            if i in TAPPED:
                taps.append(x)
        return taps


# ---- positions and hypercolumns ------------------------------------------------------------------------------------


def grid_positions(height, width, random):
    """The pixels of a grid with a random offset; rows of (y, x) that stay together when shuffled."""
    stride = max(1, math.ceil(math.sqrt(height * width / 128 ** 2)))
    y, x = np.meshgrid(np.arange(random.integers(stride), height, stride),
                       np.arange(random.integers(stride), width, stride), indexing="ij")
    return np.stack([y.ravel(), x.ravel()], 1)


def style_positions(height, width, random):
    draws = [random.permutation(height * width)[:STYLE_DRAW_SIZE] for _ in range(STYLE_DRAWS)]
    return np.stack(np.divmod(np.concatenate(draws), width), 1)


def point_positions(places, height, width):
    """3 x 3 pixels around each place (y, x), in shares of the sides: 1 % of the long side apart, held inside."""
    apart = 0.01 * max(height, width)
    at = [(min(max(math.floor(y * height + dy * apart), 0), height - 1),
           min(max(math.floor(x * width + dx * apart), 0), width - 1))
          for y, x in places for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return np.array(at)


def per_tap(taps, positions):
    """Each tap's flattened map [channels, h * w], its size, and the positions halved as often as it was."""
    y, x = positions[:, 0].astype(np.float32), positions[:, 1].astype(np.float32)
    for i, tap in enumerate(taps):
        if i > 0 and tap.shape[2] < taps[i - 1].shape[2]:
            y, x = y / 2, x / 2
        yield tap.flatten(2)[0], tap.shape[2], tap.shape[3], y, x, GAINS[i]


def columns_bilinear(taps, positions):
    parts = []
    for flat, h, w, y, x, gain in per_tap(taps, positions):
        y0, x0 = np.floor(y), np.floor(x)
        fy, fx = torch.from_numpy(y - y0), torch.from_numpy(x - x0)
        y0, x0 = np.clip(y0.astype(np.int64), 0, h - 1), np.clip(x0.astype(np.int64), 0, w - 1)
        y1, x1 = np.clip(y0 + 1, 0, h - 1), np.clip(x0 + 1, 0, w - 1)
        part = (flat[:, y0 * w + x0] * ((1 - fy) * (1 - fx)) + flat[:, y0 * w + x1] * ((1 - fy) * fx)
                + flat[:, y1 * w + x0] * (fy * (1 - fx)) + flat[:, y1 * w + x1] * (fy * fx))
        parts.append(part * gain)
    return torch.cat(parts).t()


def columns_nearest(taps, positions):
    parts = []
    for flat, h, w, y, x, gain in per_tap(taps, positions):
        y, x = np.clip(y.astype(np.int64), 0, h - 1), np.clip(x.astype(np.int64), 0, w - 1)
        parts.append(flat[:, y * w + x] * gain)
    return torch.cat(parts).t()


# ---- the objective -------------------------------------------------------------------------------------------------


def norms(x):
    """Kept off zero: a black pixel is then at cosine distance 1 from everything."""
    return (x ** 2).sum(1).clamp_min(1e-12).sqrt()


def cosine_distances(x, y, y_norms=None):
    y_norms = norms(y) if y_norms is None else y_norms
    return 1 - x @ y.t() / norms(x)[:, None] / y_norms[None, :]


def euclidean_distances(x, y):
    squared = (x ** 2).sum(1)[:, None] + (y ** 2).sum(1)[None, :] - 2 * x @ y.t()
    return (squared.clamp(1e-5, 1e5) / x.shape[1]).sqrt()


def relaxed_transport(costs):
    return costs.min(1)[0].mean(), costs.min(0)[0].mean()


def covariance(x, mean):
    centred = x - mean
    return centred.t() @ centred / x.shape[0]


class Style:
    """The style's columns and, when cached, all about them that stays constant."""

    def __init__(self, columns, cached):
        self.columns = columns
        self.cache = self.statistics() if cached else None

    def statistics(self):
        mean = self.columns.mean(0, keepdim=True)
        return norms(self.columns), mean, covariance(self.columns, mean)


def content_term(x, c):
    dx, dc = cosine_distances(x, x), cosine_distances(c, c)
    return (dx / dx.sum(0, keepdim=True) - dc / dc.sum(0, keepdim=True)).abs().mean() * x.shape[0]


def remd_term(x, style):
    norms_of_style = style.cache[0] if style.cache else None
    return relaxed_transport(cosine_distances(x, style.columns, norms_of_style))


def moment_term(x, style):
    _, mean, sigma = style.cache or style.statistics()
    mean_x = x.mean(0, keepdim=True)
    return (mean_x - mean).abs().mean(), (covariance(x, mean_x) - sigma).abs().mean()


def palette_term(x, style):
    rotation = torch.tensor(ROTATION).t()
    x, y = x[:, :3] @ rotation, style.columns[:, :3] @ rotation
    return torch.maximum(*relaxed_transport(cosine_distances(x, y) + euclidean_distances(x, y)))


def points_term(x, y, weights):
    """Output columns at the points against the style's at theirs, nine for each pair."""
    cosines = (x * y).sum(1) / norms(x) / norms(y)
    weights = torch.tensor(weights, dtype=x.dtype).repeat_interleave(len(x) // len(weights))
    return (weights / weights.sum() * (1 - cosines)).sum()


def total(content, remd, moment, palette, alpha):
    return (alpha * content + remd + moment + palette / max(alpha, 1)) / (alpha + 2)


def objective(x, c, style, alpha):
    """The terms as tensors, by the names `npx strotss evaluate --json` uses."""
    content = content_term(x, c)
    to_style, to_x = remd_term(x, style)
    mean, cov = moment_term(x, style)
    remd, moment, palette = torch.maximum(to_style, to_x), mean + cov, palette_term(x, style)
    return dict(total=total(content, remd, moment, palette, alpha), content=content, remd=remd,
                remd_x_to_style=to_style, remd_style_to_x=to_x, moment=moment, moment_mean=mean, moment_cov=cov,
                palette=palette)


# ---- pyramid and pictures ------------------------------------------------------------------------------------------


def resize(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=False)


def resize_antialiased(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=False, antialias=True)


def halved(x):
    return resize(x, (max(x.shape[2] // 2, 1), max(x.shape[3] // 2, 1)))


def finest_band(x):
    return x - resize(halved(x), x.shape[2:])


def make_pyramid(x):
    levels = []
    for _ in range(BANDS):
        levels.append(finest_band(x))
        x = halved(x)
    return levels + [x]


def fold_pyramid(levels):
    x = levels[-1]
    for band in reversed(levels[:-1]):
        x = band + resize(x, band.shape[2:])
    return x


def read_image(path):
    rgb = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    return torch.tensor(rgb, dtype=torch.float32).permute(2, 0, 1)[None] / 255


def write_image(path, x):
    bytes_ = (x[0].clamp(0, 1) * 255).round().to(torch.uint8)
    Image.fromarray(bytes_.permute(1, 2, 0).numpy()).save(path)


def fitted(x, size):
    """(height, width) with long side `size`, the aspect kept."""
    height, width = x.shape[2:]
    return tuple(max(2, math.floor(side * size / max(height, width) + 0.5)) for side in (height, width))


# ---- runs ----------------------------------------------------------------------------------------------------------


class Scale:
    """One scale of a run: everything an iteration needs. Its phases are methods, so that they can be timed."""

    def __init__(self, vgg, content, style, start, alpha, random, cached, optimizer, step, iterations):
        self.vgg, self.random, self.alpha, self.iteration = vgg, random, alpha, 0
        self.pyramid = [level.detach().clone().requires_grad_() for level in make_pyramid(start)]
        if optimizer == "adam":
            self.optimizer = torch.optim.Adam(self.pyramid, lr=step, betas=(0.7, 0.9))
            turn = lambda i: 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * i / iterations))
            self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, turn)
        else:
            self.optimizer = torch.optim.RMSprop(self.pyramid, lr=step, alpha=0.99, eps=1e-8)
            self.schedule = None
        self.size = content.shape[2:]
        with torch.no_grad():
            self.content_taps = vgg(content)
            columns = columns_nearest(vgg(style), style_positions(*style.shape[2:], random))
            self.style = Style(columns.contiguous(), cached)

    def draw(self):
        if self.iteration % OFFSET_PERIOD == 0:
            self.grid = grid_positions(*self.size, self.random)
        self.positions = self.random.permutation(self.grid)[:POSITIONS]

    def fold(self):
        self.optimizer.zero_grad()
        self.image = fold_pyramid(self.pyramid)

    def forward(self):
        self.taps = self.vgg(self.image)

    def columns(self):
        self.x = columns_bilinear(self.taps, self.positions)
        self.c = columns_bilinear(self.content_taps, self.positions)

    def loss(self):
        self.terms = objective(self.x, self.c, self.style, self.alpha)

    def backward(self):
        self.terms["total"].backward()

    def step(self):
        self.optimizer.step()
        if self.schedule:
            self.schedule.step()
        self.iteration += 1

    PHASES = (draw, fold, forward, columns, loss, backward, step)

    def iterate(self, seconds=None):
        for phase in self.PHASES:
            begin = time.perf_counter()
            phase(self)
            if seconds is not None:
                seconds[phase.__name__] = seconds.get(phase.__name__, 0) + time.perf_counter() - begin

    def result(self):
        with torch.no_grad():
            return fold_pyramid(self.pyramid)


def scale_sizes(size):
    return [FIRST_SIZE << k for k in range(16) if FIRST_SIZE << k < size] + [size]


def stylize(vgg, content, style, size, content_weight, iterations, seed, cached, optimizer, on_iteration=None):
    """The finished picture and a record a scale: size, iterations, seconds, last total."""
    random, records, result = np.random.default_rng(seed), [], None
    sizes = scale_sizes(size)
    for index, side in enumerate(sizes):
        begin = time.perf_counter()
        small = resize_antialiased(content, fitted(content, side))
        small_style = resize_antialiased(style, fitted(style, side))
        if result is None:
            start = finest_band(small) + small_style.mean((2, 3), keepdim=True)
        else:
            start = resize(result, small.shape[2:]) + finest_band(small)
        step = 1e-2 if optimizer == "adam" else 1e-3 if index == len(sizes) - 1 else 2e-3
        scale = Scale(vgg, small, small_style, start, 16 * content_weight / 2 ** index, random, cached, optimizer, step,
                      iterations)
        for i in range(iterations):
            scale.iterate()
            if on_iteration:
                on_iteration(side, i, scale)
        result = scale.result()
        records.append(dict(size=[small.shape[3], small.shape[2]], iterations=iterations,
                            seconds=time.perf_counter() - begin, total=scale.terms["total"].item()))
    return result, records


@torch.no_grad()
def evaluate(vgg, content, style, result, alpha, draws, seed):
    """The terms of a finished picture: content at its size, style at its long side, mean over fresh draws."""
    size = result.shape[2:]
    content = resize_antialiased(content, size)
    style = resize_antialiased(style, fitted(style, max(size)))
    x_taps, c_taps, s_taps = vgg(result), vgg(content), vgg(style)
    random, sums = np.random.default_rng(seed), {}
    for _ in range(draws):
        at = random.permutation(grid_positions(*size, random))[:POSITIONS]
        columns = columns_nearest(s_taps, style_positions(*style.shape[2:], random))
        terms = objective(columns_bilinear(x_taps, at), columns_bilinear(c_taps, at), Style(columns, False), alpha)
        for name, value in terms.items():
            sums[name] = sums.get(name, 0) + value.item() / draws
    return sums
