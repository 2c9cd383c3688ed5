# SPDX-License-Identifier: MIT
"""Command line of the PyTorch peer (strotss_torch.py). Prints JSON on stdout, progress on stderr.

    peer.py run CONTENT STYLE -o OUT [--size N] [--content-weight W] [--iterations N] [--seed N]
                                     [--optimizer rmsprop|adam]
    peer.py time CONTENT STYLE [--sizes 64,128,256,512] [--repeat N]    seconds by phase, the fastest of N
    peer.py evaluate CONTENT STYLE RESULT [--alpha A] [--draws K] [--seed N]
    peer.py check GOLDEN_FOLDER         terms and gradients against reference values (tests/golden)

Everywhere: --weights FILE (default: weights/vgg16.q8.bin of this clone), --optimised, --threads N.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import torch

import strotss_torch as peer

DEFAULT_WEIGHTS = os.path.join(os.path.dirname(__file__), "..", "..", "weights", "vgg16.q8.bin")


def run(options, vgg):
    begin = time.perf_counter()

    def tell(side, i, scale):
        if (i + 1) % 10 == 0:
            seconds = time.perf_counter() - begin
            print(f"{side} px, {i + 1} of {options.iterations}: {scale.terms['total'].item():.4f}, {seconds:.0f} s",
                  file=sys.stderr, flush=True)

    content, style = peer.read_image(options.content), peer.read_image(options.style)
    result, scales = peer.stylize(vgg, content, style, options.size, options.content_weight, options.iterations,
                                  options.seed, options.optimised, options.optimizer, tell)
    seconds = time.perf_counter() - begin
    peer.write_image(options.output, result)
    return dict(seconds=seconds, scales=scales)


def time_iterations(options, vgg):
    content, style = peer.read_image(options.content), peer.read_image(options.style)
    answer = {}
    for side in (int(size) for size in options.sizes.split(",")):
        small = peer.resize_antialiased(content, peer.fitted(content, side))
        small_style = peer.resize_antialiased(style, peer.fitted(style, side))
        random = np.random.default_rng(0)
        scale = peer.Scale(vgg, small, small_style, small, 4.0, random, options.optimised, "rmsprop", 2e-3, 1)
        scale.iterate()
        best = None
        for _ in range(options.repeat):
            phases = {}
            begin = time.perf_counter()
            scale.iterate(phases)
            phases = dict(seconds=time.perf_counter() - begin, **phases)
            best = phases if best is None or phases["seconds"] < best["seconds"] else best
        with torch.no_grad():
            begin = time.perf_counter()
            vgg(small)
            best["forward_without_gradient"] = time.perf_counter() - begin
        answer[side] = best
        print(f"{side} px: {best['seconds']:.3f} s an iteration", file=sys.stderr, flush=True)
    return answer


def evaluate(options, vgg):
    pictures = (peer.read_image(path) for path in (options.content, options.style, options.result))
    return peer.evaluate(vgg, *pictures, options.alpha, options.draws, options.seed)


def check(options, vgg):
    """Relative errors of the terms and relative L2 of d total / d x, positions given; fails beyond 1e-5 and 2e-3."""
    answer, good = {}, True
    kind = "fp32" if options.weights.endswith(".npz") else "q8"
    for name in ("cat64", "coffee97"):
        read = lambda what: np.load(os.path.join(options.folder, f"{name}.{what}.npy"))
        with open(os.path.join(options.folder, name + ".json")) as file:
            golden = json.load(file)
        image = lambda what: torch.tensor(read(what))[None]
        x = image("x").requires_grad_()
        with torch.no_grad():
            columns = peer.columns_nearest(vgg(image("style")), read("style_yx"))
            c = peer.columns_bilinear(vgg(image("content")), read("content_yx"))
        style = peer.Style(columns, options.optimised)
        terms = peer.objective(peer.columns_bilinear(vgg(x), read("content_yx")), c, style, golden["alpha"])
        terms["total"].backward()
        gradient, wanted = x.grad[0].numpy(), read(kind + ".grad_total")
        errors = {key: abs(terms[key].item() / value - 1) for key, value in golden[kind].items()}
        errors["gradient"] = float(np.linalg.norm(gradient - wanted) / np.linalg.norm(wanted))
        good = good and errors["gradient"] < 2e-3 and max(v for k, v in errors.items() if k != "gradient") < 1e-5
        answer[name] = errors
    return dict(weights=kind, passed=good, errors=answer)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)

    def command(function, name, *pictures):
        sub = commands.add_parser(name)
        sub.set_defaults(function=function)
        for picture in pictures:
            sub.add_argument(picture)
        sub.add_argument("--weights", default=DEFAULT_WEIGHTS)
        sub.add_argument("--optimised", action="store_true")
        sub.add_argument("--threads", type=int)
        return sub

    sub = command(run, "run", "content", "style")
    sub.add_argument("-o", "--output", required=True)
    sub.add_argument("--size", type=int, default=512)
    sub.add_argument("--content-weight", type=float, default=0.5)
    sub.add_argument("--iterations", type=int, default=200)
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--optimizer", choices=("rmsprop", "adam"), default="rmsprop")
    sub = command(time_iterations, "time", "content", "style")
    sub.add_argument("--sizes", default="64,128,256,512")
    sub.add_argument("--repeat", type=int, default=3)
    sub = command(evaluate, "evaluate", "content", "style", "result")
    sub.add_argument("--alpha", type=float, default=1.0)
    sub.add_argument("--draws", type=int, default=4)
    sub.add_argument("--seed", type=int, default=0)
    command(check, "check", "folder")

    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    answer = options.function(options, peer.Vgg16(peer.read_weights(options.weights)))
    print(json.dumps(dict(answer, torch=torch.__version__, threads=torch.get_num_threads())))
    return 0 if answer.get("passed", True) else 1


if __name__ == "__main__":
    sys.exit(main())
