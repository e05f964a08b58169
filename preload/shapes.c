/* SPDX-License-Identifier: MIT */
#include "shapes.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"
#include "options.h"
#include "recorder.h"
#include "snapshot.h"

#define MILLION 1000000u
#define FAULT_NS 700u /* what a page that the copy shares costs when the program writes to it */
#define AFTERMATH_NS 20000000u /* for so long after a photograph page faults count as its doing */
#define FIRST_COST 3000000u    /* ns, of a photograph before one was measured */
#define FIRST_OBJECT_COST 400u /* likewise of one object in it */
#define USUAL_OBJECTS 4000u    /* that are part of that cost */
#define PRUDENCE 2u            /* so many times what is expected must be left of the share */
#define LOST_NS 2000000000u    /* a copy that has not told its end after this never will */
#define SPACING 64u            /* a photograph for every so much of the time that has passed */

static struct {
    struct snapshot_account *account; /* shared with the copies */
    bool waiting;                     /* for the last copy to tell */
    uint32_t number;                  /* of that snapshot */
    uint64_t taken, pause;            /* time; ns */
    uint64_t faults;                  /* of the process at that time */
    uint64_t spent;
    uint64_t usual, each; /* ns: what one costs, and each object beyond the usual ones */
    uint64_t not_before;  /* time */
} shapes;

static uint64_t faults_now(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_minflt : 0;
}

void shapes_begin(void)
{
    if (!options.gc_shapes)
        return;
    shapes.account = mmap(NULL, sizeof *shapes.account, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shapes.account == MAP_FAILED)
        shapes.account = NULL;
    shapes.waiting = false;
    shapes.usual = FIRST_COST;
    shapes.each = FIRST_OBJECT_COST;
    shapes.spent = shapes.not_before = 0;
}

uint64_t shapes_spent(void)
{
    return shapes.spent;
}

/*
 * Accounts for the last photograph once its copy has told what it took: the pause, once more for the
 * kernel that takes the copied page tables down again, the copy's own time, and the page faults.
 */
static void settle(uint64_t now)
{
    bool told = atomic_load(&shapes.account->number) == shapes.number;
    if (now - shapes.taken < AFTERMATH_NS || (!told && now - shapes.taken < LOST_NS))
        return;
    uint64_t faults = faults_now() - shapes.faults;
    uint64_t computed = told ? atomic_load(&shapes.account->cpu) : shapes.usual;
    uint64_t objects = told ? atomic_load(&shapes.account->objects) : 0;
    uint64_t cost = 2 * shapes.pause + computed + faults * FAULT_NS;
    shapes.spent += shapes.pause + computed + faults * FAULT_NS; /* the rest was at once */
    if (objects > USUAL_OBJECTS) {
        uint64_t each = cost > shapes.usual ? (cost - shapes.usual) / (objects - USUAL_OBJECTS) : 0;
        shapes.each = each > shapes.each / 2 ? each : shapes.each / 2;
    } else {
        shapes.usual = (shapes.usual + cost) / 2; /* so a high one is not forgotten at once */
    }
    shapes.waiting = false;
}

static bool affordable(uint64_t now, uint64_t objects)
{
    uint64_t more = objects > USUAL_OBJECTS ? objects - USUAL_OBJECTS : 0;
    uint64_t expected = PRUDENCE * (shapes.usual + more * shapes.each);
    return (double)(shapes.spent + expected) <= (double)now * (double)options.gc_shapes / MILLION;
}

void shapes_look(const struct shapes_due *due)
{
    if (!shapes.account)
        return;
    uint64_t now = recorder_time();
    if (shapes.waiting)
        settle(now);
    if (shapes.waiting || now < shapes.not_before)
        return;
    unsigned count = due->count;
    while (count && !affordable(now, due->objects[count - 1]))
        count--;
    if (!count)
        return;
    uint32_t number = snapshot_take_collection(count - 1, shapes.account, &shapes.pause);
    if (!number)
        return;
    shapes.number = number;
    shapes.taken = now;
    shapes.faults = faults_now();
    shapes.spent += shapes.pause;
    shapes.waiting = true;
    shapes.not_before = now + now / SPACING;
}

void shapes_forked(void)
{
    shapes_begin(); /* the account is the parent's */
}
