/* SPDX-License-Identifier: MIT */
/*
 * Leaks of malloc's memory of each kind, and what looks like one and is none. For LeakSanitizer it is a
 * program (-DPROGRAM), for us a library that Python loads.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct node {
    struct node *next, *before;
    char *data;
    char text[40];
};

void *kept_start, *kept_inside;

static __attribute__((noinline)) void *filled(void *block, size_t size)
{
    return memset(block, 'x', size);
}

static __attribute__((noinline)) void forget_single(void)
{
    filled(malloc(1000), 1000); /* leaked: single */
}

static __attribute__((noinline)) void forget_tree(void)
{
    char **head = malloc(200); /* leaked: head */
    filled(head, 200);
    head[1] = filled(malloc(700), 700);        /* below: first */
    head[3] = (char *)malloc(3000) + 1501 / 8; /* below: inside */
}

static __attribute__((noinline)) struct node *node(void)
{
    struct node *n = malloc(sizeof *n); /* leaked: ring */
    filled(n, sizeof *n);
    n->data = filled(malloc(400), 400); /* below: data */
    return n;
}

static __attribute__((noinline)) void forget_ring(unsigned length)
{
    struct node *first = node(), *last = first;
    for (unsigned i = 1; i < length; i++) {
        struct node *next = node();
        next->before = last;
        last = last->next = next;
    }
    last->next = first;
    first->before = last;
}

static __attribute__((noinline)) void forget_itself(void)
{
    void **block = malloc(5000); /* leaked: itself */
    filled(block, 5000);
    block[7] = block;
}

static __attribute__((noinline)) void keep(void)
{
    char **chain = malloc(900); /* kept: by its start */
    filled(chain, 900);
    chain[2] = filled(malloc(901), 901); /* kept: below */
    kept_start = chain;
    kept_inside = (char *)filled(malloc(902), 902) + 500; /* kept: by an address within */
    free(filled(malloc(903), 903));                       /* kept: not at all, but freed */
}

/* So that nothing that calls have left on the stack is taken for a reference. */
static __attribute__((noinline)) void clear_stack(void)
{
    volatile char room[128 << 10];
    for (size_t i = 0; i < sizeof room; i++)
        room[i] = 0;
}

static void *leak(void *unused)
{
    for (int i = 0; i < 7; i++)
        forget_single();
    for (int i = 0; i < 5; i++)
        forget_tree();
    for (int i = 0; i < 3; i++)
        forget_ring(4);
    for (int i = 0; i < 2; i++)
        forget_itself();
    keep();
    clear_stack();
    return unused;
}

/* In a thread, which has a heap of its own: words that are left of other blocks are no addresses there. */
void leak_all(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, leak, NULL) != 0)
        abort();
    pthread_join(thread, NULL);
}

#ifdef PROGRAM
int main(void)
{
    leak_all();
    return 0;
}
#endif
