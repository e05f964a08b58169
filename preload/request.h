/* SPDX-License-Identifier: MIT */
/*
 * Requests for a snapshot from outside (ouro/request.h): the handler of the signal they come by.
 */
#ifndef OURO_PRELOAD_REQUEST_H
#define OURO_PRELOAD_REQUEST_H

/* Puts the handler in place; what was there before is called for all that is not a request. */
void request_setup(void);

#endif
