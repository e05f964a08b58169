/* SPDX-License-Identifier: MIT */
#include "occasion.h"

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "clock.h"
#include "ledger.h"
#include "options.h"
#include "recorder.h"
#include "runtime.h"
#include "shim.h"
#include "snapshot.h"
#include "thread.h"

#define OCCASION_POLL (64u << 10) /* bytes allocated between looks */
#define REQUEST_POLL \
    (1u << 10)              /* the same while a request waits, which takes no more than PATIENCE */
#define PATIENCE 50000000u  /* ns that the runtime has to call back */
#define BUSY_PAUSE 5000000u /* ns between looks at a copy that is still at work */
#define GROWTH_STEPS 8u     /* looks at the heap's size while it grows by the given bytes */

_Atomic bool occasion_here;

static struct {
    _Atomic bool taken;        /* a thread is at it */
    _Atomic uint64_t requests; /* made so far */
    _Atomic uint64_t met;      /* of them: the copy that meets one is begun after it was made */
    _Atomic bool running;
    bool asked;             /* the runtime is to call back, and has not yet */
    uint64_t patient_until; /* time from which any birth of an object will do; 0: nothing is due */
    uint64_t next;          /* time at which an interval ends */
    uint64_t not_before;    /* time of the next look at a copy that is still at work */
    uint64_t size_look;     /* clock at which the heap's size is looked at again */
    uint64_t size_due;      /* live bytes at which it has grown enough */
    bool grown;
} occasion;

static bool enter(void)
{
    return !atomic_exchange(&occasion.taken, true);
}

static void leave(void)
{
    atomic_store(&occasion.taken, false);
}

static bool requested(void)
{
    return atomic_load(&occasion.requests) != atomic_load(&occasion.met);
}

/*
 * Has the ledgers look as often as what waits needs. A request that comes in between, in a signal
 * handler or on another thread, asks for a look of its own: it must not be undone.
 */
static void pace(void)
{
    uint64_t requests;
    do {
        requests = atomic_load(&occasion.requests);
        if (occasion_here)
            ledger_poll_every(0);
        else if (requested())
            ledger_poll_every(occasion.not_before ? OCCASION_POLL : REQUEST_POLL);
        else
            ledger_poll_every(options.snapshot_every || options.snapshot_growth ? OCCASION_POLL
                                                                                : LEDGER_NO_POLL);
    } while (atomic_load(&occasion.requests) != requests);
}

/* Nothing waits any more, but for a request that has come since. */
static void settle(void)
{
    occasion_here = false;
    occasion.patient_until = 0;
    pace();
}

/* From now on intervals and growth count from here. */
static void start_anew(void)
{
    uint64_t live = options.snapshot_growth ? recorder_live_bytes() : 0;
    occasion.next = clock_now(CLOCK_MONOTONIC) + options.snapshot_every;
    occasion.size_due = live + options.snapshot_growth;
    occasion.grown = false;
}

/* Summing up the rows takes time: it is done a few times for each growth, not for each poll. */
static bool has_grown(const struct ledger *ledger)
{
    if (!options.snapshot_growth || occasion.grown || ledger->clock < occasion.size_look)
        return occasion.grown;
    uint64_t step = options.snapshot_growth / GROWTH_STEPS;
    occasion.size_look = ledger->clock + (step > options.epoch ? step : options.epoch);
    occasion.grown = recorder_live_bytes() >= occasion.size_due;
    return occasion.grown;
}

/* The reason to take one now, -1: none. */
static int due(uint64_t now)
{
    if (requested())
        return OURO_SNAPSHOT_ON_REQUEST;
    if (options.snapshot_every && now >= occasion.next)
        return OURO_SNAPSHOT_INTERVAL;
    return occasion.grown ? OURO_SNAPSHOT_GROWTH : -1;
}

/* Takes what is due. At a place where it may be. */
static void take(void)
{
    uint64_t now = clock_now(CLOCK_MONOTONIC);
    uint64_t requests = atomic_load(&occasion.requests);
    int reason = due(now);
    if (reason < 0 || !atomic_load(&occasion.running)) {
        settle();
        return;
    }
    if (!snapshot_take((enum ouro_snapshot_reason)reason)) { /* tried again after a while */
        settle();
        occasion.patient_until = now + PATIENCE;
        return;
    }
    atomic_store(&occasion.met, requests);
    settle();
    start_anew();
}

void occasion_take(void)
{
    if (!enter())
        return;
    if (occasion_here)
        take();
    leave();
}

/* The runtime calls back: the program is between two of its steps. */
static void at_leisure(void)
{
    if (recorder_borrowed() || !enter())
        return;
    occasion.asked = false;
    take();
    leave();
}

static void poll(struct ledger *ledger)
{
    if (!atomic_load_explicit(&occasion.running, memory_order_relaxed) || !enter())
        return;
    uint64_t now = clock_now(CLOCK_MONOTONIC);
    has_grown(ledger);
    if (due(now) < 0) {
        settle();
    } else if (now >= occasion.not_before) {
        occasion.not_before = 0;
        if (recorder_copying()) { /* one copy at a time */
            occasion.not_before = now + BUSY_PAUSE;
            occasion_here = false;
        } else {
            if (!occasion.patient_until) {
                /* Asked for the last one and not called back yet: nor will it be now. */
                bool vain = occasion.asked || !shim_runtime()->call_later(at_leisure);
                occasion.asked = occasion.asked || !vain;
                occasion.patient_until = vain ? now : now + PATIENCE;
            }
            occasion_here = now >= occasion.patient_until;
        }
        pace();
    }
    leave();
}

void occasion_setup(void)
{
    ledger_on_poll = poll;
    pace();
}

void occasion_begin(void)
{
    start_anew();
    atomic_store(&occasion.running, true);
}

void occasion_end(void)
{
    atomic_store(&occasion.running, false);
    settle();
}

void occasion_request(void)
{
    if (!atomic_load(&occasion.running))
        return;
    atomic_fetch_add(&occasion.requests, 1);
    /* Nobody else is at it, and this thread is not within the recorder: it may be idle. */
    if (!this_thread.inside && enter()) {
        uint64_t requests = atomic_load(&occasion.requests);
        if (!recorder_copying() && snapshot_take_idle()) {
            atomic_store(&occasion.met, requests);
            settle();
            start_anew();
        }
        leave();
    }
    if (requested())
        ledger_poll_every(0);
}

/* The program is in a call of the C library then, and its heap is whole. One copy at a time. */
void occasion_mark(void)
{
    if (!options.snapshot_marks || !atomic_load(&occasion.running) || !enter())
        return;
    if (!recorder_copying() && snapshot_take(OURO_SNAPSHOT_MARK))
        start_anew();
    leave();
}

void occasion_forked(void)
{
    atomic_store(&occasion.taken, false);
    atomic_store(&occasion.met, atomic_load(&occasion.requests));
    occasion.not_before = 0;
    settle();
    start_anew();
}
