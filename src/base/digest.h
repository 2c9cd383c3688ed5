/* SPDX-License-Identifier: MIT
 *
 * A 64-bit digest that tells one input from another and finds damage; it is no protection against forgery.
 * d = DIGEST_START; d = digest_add(d, bytes, size); ... Order and lengths matter.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START UINT64_C(0xcbf29ce484222325)

uint64_t digest_add(uint64_t digest, const void *bytes, size_t size);

#endif
