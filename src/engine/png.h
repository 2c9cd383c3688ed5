/* SPDX-License-Identifier: MIT
 *
 * Writes a PNG: 8-bit RGB where the picture is opaque, else RGBA.
 */
#ifndef PNG_H
#define PNG_H

#include "strotss.h"

/* 1 with the file in *bytes (free it), 0 without memory. */
int png_encode(uint8_t **bytes, size_t *size, const strotss_image *image);

#endif
