/* SPDX-License-Identifier: MIT */
/*
 * The core of the shim under stress: shim_stress lock|free STEPS SEED
 *
 * Four threads that come and go allocate and free in the fake runtime, one asks for snapshots, one forks;
 * the environment says what is recorded (OURO_OUT, OURO_LIVES, …), as with the shim. In the end what the
 * ledgers have counted must be what the threads did. Prints "births N deaths N children N"; meant to be
 * built with the thread sanitizer. What the traces must say is for the caller to look at (run).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake_runtime.h"
#include "ledger.h"
#include "occasion.h"
#include "recorder.h"
#include "site_tree.h"
#include "snapshot.h"

#define WORKERS 4u
#define GENERATIONS 4u /* of threads, one after the other */
#define CHILDREN 8u
#define CHILD_STEPS 3000u

static uint64_t steps, seed;
static _Atomic uint64_t births, deaths, bytes;
static _Atomic bool over;

static uint64_t seed_of(uint64_t number)
{
    return (seed * 1000 + number) * 0x9e3779b97f4a7c15u | 1;
}

static void account(struct fake_thread *thread)
{
    atomic_fetch_add(&births, thread->births);
    atomic_fetch_add(&deaths, thread->deaths);
    atomic_fetch_add(&bytes, thread->bytes);
}

static void *work(void *argument)
{
    struct fake_thread thread = {.random = seed_of((uintptr_t)argument)};
    fake_enter(&thread);
    for (uint64_t i = 0; i < steps; i++)
        fake_step(&thread);
    fake_clear(&thread);
    fake_leave(&thread);
    account(&thread);
    return NULL;
}

static void *come_and_go(void *argument)
{
    for (uintptr_t generation = 0; generation < GENERATIONS; generation++) {
        pthread_t thread;
        void *number = (void *)((uintptr_t)argument * GENERATIONS + generation + 1);
        if (pthread_create(&thread, NULL, work, number) != 0)
            exit(98);
        pthread_join(thread, NULL);
    }
    return NULL;
}

static void *ask(void *argument)
{
    (void)argument;
    while (!atomic_load(&over)) {
        occasion_request();
        nanosleep(&(struct timespec){0, 3000000}, NULL);
    }
    return NULL;
}

/* Whether the ledgers, whose threads are gone, have counted what was done and what is still followed. */
static bool agree(void)
{
    uint64_t sums[2] = {0, 0};
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        for (uint32_t row = 1; row <= site_tree.row_count; row++) {
            sums[0] += WORD_READ(ledger->counters[row].births);
            for (int cause = 0; cause < DEATH_CAUSES; cause++)
                sums[1] += WORD_READ(ledger->counters[row].deaths[cause]);
        }
    if (sums[0] == births && sums[1] == deaths && fake_followed() == sums[0] - sums[1] &&
        recorder_clock() == bytes)
        return true;
    fprintf(stderr, "%llu births, %llu deaths counted, the clock is %llu; %llu, %llu, %llu made\n",
            (unsigned long long)sums[0], (unsigned long long)sums[1],
            (unsigned long long)recorder_clock(), (unsigned long long)births,
            (unsigned long long)deaths, (unsigned long long)bytes);
    return false;
}

/* The ledgers of threads that are gone were in the midst of a step: only this thread's doings count. */
static void be_a_child(struct fake_thread *thread)
{
    for (unsigned i = 0; i < CHILD_STEPS; i++)
        fake_step(thread);
    recorder_end(OURO_END_UEXIT, true, 0);
    _exit(0);
}

static void *multiply(void *argument)
{
    struct fake_thread thread = {.random = seed_of(1000)};
    uintptr_t wrong = 0;
    (void)argument;
    for (unsigned i = 0; i < CHILDREN; i++) {
        int status = -1;
        fake_enter(&thread);
        for (unsigned k = 0; k < 500; k++)
            fake_step(&thread);
        int pid = fake_fork(&thread);
        if (pid == 0)
            be_a_child(&thread);
        recorder_child((uint64_t)pid);
        fake_leave(&thread);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
            fprintf(stderr, "child %d: status %x\n", pid, (unsigned)status);
            wrong++;
        }
    }
    fake_enter(&thread);
    fake_clear(&thread);
    fake_leave(&thread);
    account(&thread);
    return (void *)wrong;
}

int main(int argc, char **argv)
{
    pthread_t workers[WORKERS], asking, multiplying;
    void *wrong = NULL;
    if (argc != 4) {
        fputs("usage: shim_stress lock|free STEPS SEED\n", stderr);
        return 2;
    }
    steps = strtoull(argv[2], NULL, 10);
    seed = strtoull(argv[3], NULL, 10);
    if (!fake_start(strcmp(argv[1], "lock") == 0)) {
        fputs("nothing is recorded: is OURO_OUT set?\n", stderr);
        return 2;
    }
    for (uintptr_t i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i], NULL, come_and_go, (void *)i) != 0)
            return 98;
    if (pthread_create(&asking, NULL, ask, NULL) != 0 ||
        pthread_create(&multiplying, NULL, multiply, NULL) != 0)
        return 98;
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    pthread_join(multiplying, &wrong);
    atomic_store(&over, true);
    pthread_join(asking, NULL);
    occasion_end();
    while (recorder_copying()) /* the last photograph is in the trace then */
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    printf("births %llu deaths %llu children %u\n", (unsigned long long)births,
           (unsigned long long)deaths, CHILDREN);
    return agree() && !wrong ? 0 : 1;
}
