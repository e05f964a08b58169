/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <pthread.h>
#include <string.h>

#include "memory.h"

__thread struct thread this_thread = THREAD_NEW;
void (*thread_ended)(struct thread *thread);

static pthread_key_t key;
static bool key_made;

static void release(struct stack *stack)
{
    memory_release(stack->frames, stack->capacity * sizeof *stack->frames);
    memory_release(stack->pending, stack->capacity * sizeof *stack->pending);
    memory_release(stack->index, STACK_INDEX_SIZE * sizeof *stack->index);
    *stack = (struct stack){.top = STACK_NO_TOP};
}

/* The thread may still allocate after this (later destructors): it then simply starts again. */
static void end(void *argument)
{
    struct thread *thread = argument;
    if (thread_ended)
        thread_ended(thread);
    release(&thread->stack);
    *thread = (struct thread)THREAD_NEW;
}

void thread_setup(void)
{
    key_made = pthread_key_create(&key, end) == 0;
}

void thread_register(struct thread *thread)
{
    thread->registered = true;
    thread->self = (uintptr_t)pthread_self();
    if (key_made)
        pthread_setspecific(key, thread);
}

bool stack_reserve(struct stack *stack, uint32_t depth)
{
    if (depth <= stack->capacity)
        return true;
    uint32_t capacity = stack->capacity ? stack->capacity : 8192;
    while (capacity < depth)
        capacity *= 4;
    struct stack bigger = {.capacity = capacity, .top = STACK_NO_TOP};
    bigger.frames = memory_reserve(capacity * sizeof *bigger.frames);
    bigger.pending = memory_reserve(capacity * sizeof *bigger.pending);
    bigger.index = memory_reserve(STACK_INDEX_SIZE * sizeof *bigger.index);
    if (!bigger.frames || !bigger.pending || !bigger.index) {
        release(&bigger);
        return false;
    }
    if (stack->frames) {
        memcpy(bigger.frames, stack->frames, stack->capacity * sizeof *bigger.frames);
        memcpy(bigger.pending, stack->pending, stack->capacity * sizeof *bigger.pending);
        memcpy(bigger.index, stack->index, STACK_INDEX_SIZE * sizeof *bigger.index);
        bigger.depth = stack->depth;
        bigger.generation = stack->generation;
        bigger.top = stack->top;
        bigger.parent = stack->parent;
    }
    release(stack);
    *stack = bigger;
    return true;
}
