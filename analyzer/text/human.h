/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people read them. Each returns its text by value, so that it can stand in a printf:
 * printf("%s", human_bytes(n).text).
 */
#ifndef OURO_ANALYZER_HUMAN_H
#define OURO_ANALYZER_HUMAN_H

#include <stdint.h>

struct human {
    char text[32];
};

/* "1,234,567" */
struct human human_count(uint64_t count);

/* An estimate: "~12,400", three digits of it */
struct human human_about(uint64_t count);

/* A rate, three digits of it: "0.0152", "6.44", "54,700" */
struct human human_rate(double rate);

/* "812 B", "4.5 KiB", "1.2 GiB" */
struct human human_bytes(uint64_t bytes);

/* Of a power of two: "256 B", "64 KiB" */
struct human human_power(uint64_t bytes);

/* Of nanoseconds: "350 µs", "12 ms", "3.4 s", "5 min 7 s", "2 h 5 min" */
struct human human_duration(uint64_t ns);

/* Of nanoseconds since the epoch, in local time: "2025-01-31 17:05:09" */
struct human human_time(uint64_t ns);

#endif
