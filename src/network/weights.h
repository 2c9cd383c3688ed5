/* SPDX-License-Identifier: MIT
 *
 * Reads a weights file into plain floats. The byte format is drawn in weights.c, where it is parsed; weights/convert.py
 * writes it. Refuses anything cut, altered, of another version or another network, and numbers that are not finite.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

enum { VGG16_LAYERS = 13 };

/* Checks the whole file: magic, version, sizes, numbers, checksum.
 * NULL when good, else one sentence saying what is wrong. */
const char *weights_check(const void *bytes, size_t size);

/* Layer 0 (conv1_1) to 12 (conv5_3) of a checked file: filters OIHW [cout][cin][3][3] and bias [cout], as stored
 * (BGR, 0..255). */
void weights_layer(float *filters, float *bias, const void *bytes, int layer);

/* A 64-bit digest of the file, to tell whether a saved state belongs to these weights. */
uint64_t weights_digest(const void *bytes, size_t size);

#endif
