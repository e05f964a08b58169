/* SPDX-License-Identifier: MIT */
/* cmocka.h with what has to come before it. */
#ifndef OURO_CMOCKA_PRELUDE_H
#define OURO_CMOCKA_PRELUDE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
