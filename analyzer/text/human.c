/* SPDX-License-Identifier: MIT */
#include "text/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct human human_count(uint64_t count)
{
    struct human h;
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count), used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            h.text[used++] = ',';
        h.text[used++] = digits[i];
    }
    h.text[used] = '\0';
    return h;
}

struct human human_about(uint64_t count)
{
    struct human h = {"~"}, digits;
    uint64_t scale = 1;
    while (count / scale >= 1000)
        scale *= 10;
    count = count / scale * scale + (count % scale >= scale - scale / 2 ? scale : 0);
    digits = human_count(count);
    memcpy(h.text + 1, digits.text, sizeof h.text - 1);
    h.text[sizeof h.text - 1] = '\0';
    return h;
}

struct human human_rate(double rate)
{
    struct human out;
    if (rate >= 999.5 && rate < 1e18) {
        uint64_t step = 1;
        while (rate / (double)step >= 999.5)
            step *= 10;
        return human_count((uint64_t)(rate / (double)step + 0.5) * step);
    }
    snprintf(out.text, sizeof out.text, "%.3g", rate);
    return out;
}

struct human human_bytes(uint64_t bytes)
{
    static const char units[][4] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    struct human h;
    double value = (double)bytes;
    int unit = -1;
    while (value >= 1023.95) { /* what would be printed as 1024.0 */
        value /= 1024;
        unit++;
    }
    if (unit < 0)
        snprintf(h.text, sizeof h.text, "%" PRIu64 " B", bytes);
    else
        snprintf(h.text, sizeof h.text, "%.1f %s", value, units[unit]);
    return h;
}

struct human human_power(uint64_t bytes)
{
    static const char units[][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    struct human h;
    unsigned unit = 0;
    while (bytes >= 1024 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    snprintf(h.text, sizeof h.text, "%" PRIu64 " %s", bytes, units[unit]);
    return h;
}

struct human human_duration(uint64_t ns)
{
    struct human h;
    double seconds = (double)ns / 1e9;
    uint64_t whole = ns / 1000000000;
    if (ns < 1000)
        snprintf(h.text, sizeof h.text, "%" PRIu64 " ns", ns);
    else if (ns < 1000000)
        snprintf(h.text, sizeof h.text, "%" PRIu64 " µs", ns / 1000);
    else if (ns < 1000000000)
        snprintf(h.text, sizeof h.text, "%" PRIu64 " ms", ns / 1000000);
    else if (whole < 60)
        snprintf(h.text, sizeof h.text, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(h.text, sizeof h.text, "%" PRIu64 " min %" PRIu64 " s", whole / 60, whole % 60);
    else
        snprintf(h.text, sizeof h.text, "%" PRIu64 " h %" PRIu64 " min", whole / 3600,
                 whole / 60 % 60);
    return h;
}

struct human human_time(uint64_t ns)
{
    struct human h;
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm local;
    if (!localtime_r(&seconds, &local) ||
        strftime(h.text, sizeof h.text, "%Y-%m-%d %H:%M:%S", &local) == 0)
        strcpy(h.text, "?");
    return h;
}
