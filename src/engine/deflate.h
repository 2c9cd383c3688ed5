/* SPDX-License-Identifier: MIT
 *
 * Compression as a zlib stream (RFC 1950 and 1951). All memory is the caller's.
 */
#ifndef DEFLATE_H
#define DEFLATE_H

#include <stddef.h>
#include <stdint.h>

typedef struct deflate_work deflate_work;
size_t deflate_work_bytes(void);

/* Room that zlib_compress may need for `size` bytes. */
size_t zlib_room(size_t size);
/* Returns how many bytes were written to out[zlib_room(size)]. size < 2^31. */
size_t zlib_compress(uint8_t *out, const uint8_t *in, size_t size, deflate_work *work);

#endif
