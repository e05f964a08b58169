/* SPDX-License-Identifier: MIT */
/* The lock of libouro-native.so: alone, among threads, and when a thread that held it was alone at first. */
#include "cmocka_prelude.h"

#include <errno.h>
#include <pthread.h>

#include "native/lock.h"

#define THREADS 4u
#define ROUNDS 200000u

static struct lock lock;
static uint64_t counter; /* guarded by it */

static void *count(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < ROUNDS; i++) {
        lock_take(&lock);
        counter++;
        lock_give(&lock);
    }
    return NULL;
}

static void run(unsigned threads)
{
    pthread_t thread[THREADS];
    counter = 0;
    for (unsigned i = 0; i < threads; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, count, NULL), 0);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

static void it_is_free_again_when_nobody_has_it(void **state)
{
    (void)state;
    errno = 7;
    count(NULL);
    assert_int_equal(errno, 7);
    assert_int_equal(counter, ROUNDS);
    assert_int_equal(lock.word, 0);
}

static void no_two_threads_have_it_at_once(void **state)
{
    (void)state;
    run(THREADS);
    assert_int_equal(counter, (uint64_t)THREADS * ROUNDS);
    assert_int_equal(lock.word, 0);
}

static void *take_and_give(void *unused)
{
    errno = 7;
    lock_take(&lock);
    counter = 2;
    lock_give(&lock);
    assert_int_equal(errno, 7);
    return unused;
}

/* The waiter leaves its mark whatever the holder was when it took the lock. */
static void who_waits_is_woken(void **state)
{
    pthread_t thread;
    (void)state;
    lock_take(&lock);
    counter = 1;
    assert_int_equal(pthread_create(&thread, NULL, take_and_give, NULL), 0);
    while (lock.word != 2)
        sched_yield();
    assert_int_equal(counter, 1);
    lock_give(&lock);
    pthread_join(thread, NULL);
    assert_int_equal(counter, 2);
    assert_int_equal(lock.word, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_free_again_when_nobody_has_it),
        cmocka_unit_test(no_two_threads_have_it_at_once),
        cmocka_unit_test(who_waits_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
