/* SPDX-License-Identifier: MIT */
/*
 * A profile as the request that a server for continuous profiling takes. Pure: what is to be sent is
 * made here, http.h sends it.
 *
 *   Pyroscope  POST /ingest?name=NAME{LABELS}&from=…&until=…: a form with the profile and with what its
 *              measures are, as Pyroscope's own clients send it; without format=pprof, by which the
 *              server would take the whole form for the profile
 *   Parca      POST /api/profiles/writeraw: JSON with labels and the profile in base64, the gateway of
 *              the method WriteRaw of its ProfileStoreService
 */
#ifndef OURO_ANALYZER_PUSH_H
#define OURO_ANALYZER_PUSH_H

#include "model/model.h"
#include "push/http.h"

enum push_protocol { PUSH_PYROSCOPE, PUSH_PARCA };

struct push_options {
    enum push_protocol protocol;
    const char *url;
    const char *name;          /* of the application; NULL: that of the run's folder */
    const char *labels;        /* "key=value,…"; NULL: none */
    const char *tenant;        /* NULL: none is named */
    const char *authorization; /* of the header of that name; NULL: none */
    uint64_t timeout;          /* s */
};

#define PUSH_HEADERS 4u
#define PUSH_PARAMETERS 4u

struct push {
    struct http_request request; /* refers to what follows */
    const char *headers[PUSH_HEADERS];
    struct http_parameter parameters[PUSH_PARAMETERS];
    char *name, *texts[PUSH_HEADERS], *numbers[2], *series;
    char *body;
    bool is_secret; /* a header must not be shown: the last */
};

/*
 * Makes the request. profile is what pprof_write() wrote of the process. Returns 0, or -1 with one line
 * in error: an option cannot be sent, or there is no memory. Released by push_free() either way.
 */
int push_make(const struct push_options *options, const char *run, const struct process *process,
              const void *profile, size_t size, struct push *push, char *error, size_t error_size);
void push_free(struct push *push);

#endif
