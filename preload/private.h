/* SPDX-License-Identifier: MIT */
/*
 * Data that several files of the shim share and nobody else sees. -fvisibility=hidden only speaks
 * of definitions: without this every access in another file goes through a pointer.
 */
#ifndef OURO_PRIVATE_H
#define OURO_PRIVATE_H

#define PRIVATE __attribute__((visibility("hidden")))

#endif
