/* SPDX-License-Identifier: MIT
 *
 * The checksums of a PNG file, which stb_image passes over and browsers do not.
 */
#ifndef PNG_H
#define PNG_H

#include <stddef.h>
#include <stdint.h>

/* Whether every whole critical chunk up to IEND (those whose name begins with a capital) has the CRC-32 of its name and
 * data behind it. What is no PNG has no chunks. */
int png_checksums_hold(const uint8_t *bytes, size_t size);

#endif
