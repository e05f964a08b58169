/* SPDX-License-Identifier: MIT */
/*
 * Symbolic links that somebody else put where we are about to write: in a folder that others may write
 * (/tmp) such a link would make us write, with our rights, where they want.
 */
#ifndef OURO_ANALYZER_FOREIGN_LINK_H
#define OURO_ANALYZER_FOREIGN_LINK_H

#include <stdbool.h>

/* Whether path is a symbolic link that belongs to neither this user nor root. */
bool link_is_foreign(const char *path);

/* As open() for writing with mode 0600; fails with EPERM on a foreign link. */
int link_safe_open(const char *path, int flags);

#endif
