/* SPDX-License-Identifier: MIT */
#include "push/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ABI that the headers of libcurl 7 and 8 describe. */
#define LIBRARY "libcurl.so.4"

/* The first line of an answer that is no success is shown, up to so many bytes. */
#define ANSWER_MOST 200u

struct http {
    void *library;
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_url) *url;
    __typeof__(curl_url_set) *url_set;
    __typeof__(curl_url_get) *url_get;
    __typeof__(curl_url_cleanup) *url_cleanup;
    __typeof__(curl_free) *free;
};

/* Looks up a function. ISO C has no conversion from an object's address to a function's. */
static bool find(const struct http *http, const char *name, void *function)
{
    void *address = dlsym(http->library, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

struct http *http_open(char *error, size_t error_size)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        snprintf(error, error_size, "not enough memory");
        return NULL;
    }
    http->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!http->library || !find(http, "curl_global_init", &http->global_init) ||
        !find(http, "curl_easy_init", &http->easy_init) ||
        !find(http, "curl_easy_cleanup", &http->easy_cleanup) ||
        !find(http, "curl_easy_setopt", &http->easy_setopt) ||
        !find(http, "curl_easy_getinfo", &http->easy_getinfo) ||
        !find(http, "curl_easy_perform", &http->easy_perform) ||
        !find(http, "curl_easy_strerror", &http->easy_strerror) ||
        !find(http, "curl_slist_append", &http->slist_append) ||
        !find(http, "curl_slist_free_all", &http->slist_free_all) ||
        !find(http, "curl_url", &http->url) || !find(http, "curl_url_set", &http->url_set) ||
        !find(http, "curl_url_get", &http->url_get) ||
        !find(http, "curl_url_cleanup", &http->url_cleanup) ||
        !find(http, "curl_free", &http->free)) {
        snprintf(error, error_size, "libcurl is needed to send something, and is not here: %s",
                 dlerror());
        http_close(http);
        return NULL;
    }
    if (http->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        snprintf(error, error_size, "libcurl does not start");
        http_close(http);
        return NULL;
    }
    return http;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    if (http->library)
        dlclose(http->library);
    free(http);
}

/* Whether a part of the address is one of two texts; the second may be NULL. */
static bool part_is(const struct http *http, CURLU *address, CURLUPart part, const char *one,
                    const char *other)
{
    char *text = NULL;
    bool is = http->url_get(address, part, &text, 0) == CURLUE_OK &&
              (strcmp(text, one) == 0 || (other && strcmp(text, other) == 0));
    http->free(text);
    return is;
}

/* Adds NAME=VALUE to the query, escaped. */
static bool parameter_add(const struct http *http, CURLU *address,
                          const struct http_parameter *parameter)
{
    char *text = NULL;
    bool ok = asprintf(&text, "%s=%s", parameter->name, parameter->value) >= 0;
    ok = ok && http->url_set(address, CURLUPART_QUERY, text, CURLU_APPENDQUERY | CURLU_URLENCODE) ==
                   CURLUE_OK;
    free(text);
    return ok;
}

/* The address with path and query; NULL with one line in error. */
static CURLU *address_make(const struct http *http, const struct http_request *request, char *error,
                           size_t error_size)
{
    CURLU *address = http->url();
    if (!address) {
        snprintf(error, error_size, "not enough memory");
        return NULL;
    }
    if (http->url_set(address, CURLUPART_URL, request->url, 0) != CURLUE_OK ||
        !part_is(http, address, CURLUPART_SCHEME, "http", "https")) {
        snprintf(error, error_size, "%s: this is no address that begins with http:// or https://",
                 request->url);
        goto failed;
    }
    bool ok = true;
    if (part_is(http, address, CURLUPART_PATH, "/", ""))
        ok = http->url_set(address, CURLUPART_PATH, request->default_path, 0) == CURLUE_OK;
    for (size_t i = 0; ok && i < request->parameter_count; i++)
        ok = parameter_add(http, address, &request->parameters[i]);
    if (ok)
        return address;
    snprintf(error, error_size, "%s: the address cannot be completed", request->url);
failed:
    http->url_cleanup(address);
    return NULL;
}

/* The text of an address without what is secret in it; NULL: no memory. */
static char *address_text(const struct http *http, CURLU *address)
{
    char *text = NULL, *copy = NULL;
    (void)http->url_set(address, CURLUPART_USER, NULL, 0);
    (void)http->url_set(address, CURLUPART_PASSWORD, NULL, 0);
    if (http->url_get(address, CURLUPART_URL, &text, 0) == CURLUE_OK)
        copy = strdup(text);
    http->free(text);
    return copy;
}

char *http_address(struct http *http, const struct http_request *request, char *error,
                   size_t error_size)
{
    CURLU *address = address_make(http, request, error, error_size);
    if (!address)
        return NULL;
    char *text = address_text(http, address);
    if (!text)
        snprintf(error, error_size, "not enough memory");
    http->url_cleanup(address);
    return text;
}

/* The beginning of an answer. */
struct answer {
    char text[ANSWER_MOST + 1];
    size_t size;
};

static size_t answer_add(char *bytes, size_t size, size_t count, void *to)
{
    struct answer *answer = to;
    size_t room = ANSWER_MOST - answer->size, more = size * count < room ? size * count : room;
    memcpy(answer->text + answer->size, bytes, more);
    answer->size += more;
    return size * count;
}

/* What a server says is shown on a terminal: its first line, without what controls that. */
static const char *answer_line(struct answer *answer)
{
    answer->text[answer->size] = 0;
    answer->text[strcspn(answer->text, "\r\n")] = 0;
    for (char *c = answer->text; *c; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            *c = '?';
    }
    return answer->text;
}

/* Certificates beside those of the system, as the command curl is told of them. */
static bool certificates_set(const struct http *http, CURL *curl)
{
    static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *file = getenv(names[i]);
        if (file && *file)
            return http->easy_setopt(curl, CURLOPT_CAINFO, file) == CURLE_OK;
    }
    return true;
}

static bool options_set(const struct http *http, CURL *curl, CURLU *address,
                        const struct http_request *request, struct curl_slist *headers,
                        struct answer *answer, char *reason)
{
    const long seconds = request->timeout < 1u << 20 ? (long)request->timeout : 1L << 20;
    return http->easy_setopt(curl, CURLOPT_CURLU, address) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_POSTFIELDS, request->body) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size) ==
               CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_USERAGENT, "ouro/" OURO_VERSION) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_TIMEOUT, seconds) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_add) == CURLE_OK &&
           http->easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
           certificates_set(http, curl);
}

/* One try. The address that errors name is without the query, which says nothing to the user. */
static int perform(struct http *http, CURL *curl, CURLU *address,
                   const struct http_request *request, struct curl_slist *headers, char *error,
                   size_t error_size)
{
    char reason[CURL_ERROR_SIZE] = "", *where = NULL;
    struct answer answer = {.size = 0};
    long code = 0;
    int status = -1;
    if (!options_set(http, curl, address, request, headers, &answer, reason)) {
        snprintf(error, error_size, "not enough memory");
        return -1;
    }
    CURLcode done = http->easy_perform(curl);
    (void)http->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    (void)http->url_set(address, CURLUPART_QUERY, NULL, 0);
    where = address_text(http, address);
    const char *name = where ? where : "the server";
    if (done != CURLE_OK)
        snprintf(error, error_size, "%s: %s", name, *reason ? reason : http->easy_strerror(done));
    else if (code >= 200 && code < 300)
        status = 0;
    else if (code >= 300 && code < 400)
        snprintf(error, error_size,
                 "%s answers %ld: it is elsewhere, and redirects are not followed", name, code);
    else {
        const char *line = answer_line(&answer);
        snprintf(error, error_size, "%s answers %ld%s%s", name, code, *line ? ": " : "", line);
    }
    free(where);
    return status;
}

int http_post(struct http *http, const struct http_request *request, char *error, size_t error_size)
{
    struct curl_slist *headers = NULL;
    CURL *curl = http->easy_init();
    CURLU *address = address_make(http, request, error, error_size);
    int status = -1;
    if (!address)
        goto out;
    bool ok = curl != NULL;
    for (size_t i = 0; ok && i < request->header_count; i++) {
        struct curl_slist *longer = http->slist_append(headers, request->headers[i]);
        ok = longer != NULL;
        headers = longer ? longer : headers;
    }
    if (ok)
        status = perform(http, curl, address, request, headers, error, error_size);
    else
        snprintf(error, error_size, "not enough memory");
out:
    http->slist_free_all(headers);
    if (address)
        http->url_cleanup(address);
    if (curl)
        http->easy_cleanup(curl);
    return status;
}
