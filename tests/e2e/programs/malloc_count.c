/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into an interpreter that is to say what malloc() has given out: os.getloadavg() then
 * returns that, in bytes, thrice. No import is needed for it, which would change the heap.
 */
#include <malloc.h>

int getloadavg(double *loads, int count);

int getloadavg(double *loads, int count)
{
    struct mallinfo2 info = mallinfo2();
    for (int i = 0; i < count; i++)
        loads[i] = (double)(info.uordblks + info.hblkhd);
    return count;
}
