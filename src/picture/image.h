/* SPDX-License-Identifier: MIT
 *
 * Picture files to pixels and back. Failures leave one sentence in `error` (the reason only: the caller names the
 * file). Sizes are checked before pixels are allocated, and what a decoder may allocate is bounded by the picture's
 * size, so that a small file cannot ask for the whole memory.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "strotss.h"

/* See strotss_image_decode. BAD_IMAGE, OUT_OF_MEMORY. */
strotss_status image_decode(strotss_image *out, char *error, size_t error_size, const void *bytes, size_t size);
/* See strotss_image_encode; free(*bytes). BAD_ARGUMENT, OUT_OF_MEMORY, CANNOT_ENCODE. */
strotss_status image_encode(uint8_t **bytes, size_t *size, char *error, size_t error_size, const strotss_image *image,
                            int quality);
void image_free(strotss_image *image);

#endif
