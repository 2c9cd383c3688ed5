/* SPDX-License-Identifier: MIT
 *
 * Colour profiles (ICC.1:2022): a picture's numbers, as its profile means them, turned into sRGB's. Cameras and phones
 * write RGB profiles made of three primaries and three tone curves (Display P3, Adobe RGB, ProPhoto); those are read.
 * Profiles of other kinds (lookup tables, grey, CMYK) leave the numbers as they are.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stddef.h>
#include <stdint.h>

/* The profile of a JPEG, put together from its APP2 segments: `*icc` is malloc's, NULL where there is no whole profile.
 * Returns 0 without memory, else 1. */
int profile_of_jpeg(uint8_t **icc, size_t *icc_size, const uint8_t *bytes, size_t size);

/* The compressed profile of a PNG's iCCP chunk, which lies in `bytes`; NULL where there is none. */
const uint8_t *profile_of_png(size_t *packed_size, const uint8_t *bytes, size_t size);

/* rgba [pixels][4] in place; alpha stays. A profile that differs from sRGB by less than rounding does nothing.
 * Returns 0 without memory, else 1. */
int profile_to_srgb(uint8_t *rgba, size_t pixels, const uint8_t *icc, size_t icc_size);

#endif
