/* SPDX-License-Identifier: MIT
 *
 * How a camera says the picture was held: the EXIF orientation of a JPEG (APP1) or PNG (eXIf).
 */
#ifndef EXIF_H
#define EXIF_H

#include <stddef.h>
#include <stdint.h>

/* 1 to 8 as EXIF numbers them; 1 (upright) when the file says nothing or nothing valid. */
int exif_orientation(const uint8_t *bytes, size_t size);

#endif
