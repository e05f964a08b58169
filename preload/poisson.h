/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of Poisson sampling, for both libraries that are preloaded: libm must not come into the
 * program's global symbol scope.
 */
#ifndef OURO_POISSON_H
#define OURO_POISSON_H

#include <stdint.h>

/*
 * 1 − e^(−x), x ≥ 0: halved until the series needs four terms, then doubled back by
 * 1 − e^(−2y) = p (2 − p) with p = 1 − e^(−y). Relative error below 1e-12.
 */
static inline double poisson_probability(double x)
{
    unsigned halvings = 0;
    if (x > 64)
        return 1;
    while (x > 0x1p-10) {
        x /= 2;
        halvings++;
    }
    double p = x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4)));
    while (halvings--)
        p *= 2 - p;
    return p;
}

/* −ln u, 0 < u < 1: u = m 2^e with m in [1/√2, √2), ln m = 2 artanh((m−1)/(m+1)) by its series. */
static inline double poisson_minus_log(double u)
{
    int exponent = 0;
    while (u < 0.70710678118654752) {
        u *= 2;
        exponent++;
    }
    double t = (u - 1) / (u + 1), t2 = t * t, sum = 0;
    for (int k = 19; k >= 1; k -= 2)
        sum = sum * t2 + 1.0 / k;
    return exponent * 0.69314718055994531 - 2 * t * sum;
}

#endif
