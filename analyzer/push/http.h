/* SPDX-License-Identifier: MIT */
/*
 * One HTTP request, by libcurl, which is loaded when it is asked for: no other command of ouro needs
 * it, and with all it brings along it would take longer to load than most of them to run.
 */
#ifndef OURO_ANALYZER_HTTP_H
#define OURO_ANALYZER_HTTP_H

#include <stddef.h>
#include <stdint.h>

struct http;

/* What is added to the address: its query. */
struct http_parameter {
    const char *name, *value;
};

struct http_request {
    const char *url;          /* http or https */
    const char *default_path; /* for an address without one */
    const struct http_parameter *parameters;
    size_t parameter_count;
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    const void *body;
    size_t body_size;
    uint64_t timeout; /* s */
};

/* The library, or NULL with one line in error; closed by http_close(), for which NULL will do. */
struct http *http_open(char *error, size_t error_size);
void http_close(struct http *http);

/* The address a request goes to, to be released with free(), without a user's name and password.
 * NULL with one line in error: it is none. */
char *http_address(struct http *http, const struct http_request *request, char *error,
                   size_t error_size);

/*
 * POSTs the body. Redirects are not followed: what is sent is for that address. Returns 0 when the
 * answer is a success (2xx), else -1 with one line in error.
 */
int http_post(struct http *http, const struct http_request *request, char *error,
              size_t error_size);

#endif
