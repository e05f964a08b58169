/* SPDX-License-Identifier: MIT */
/*
 * Words that one thread writes and others read, or write at moments of their own, without a lock: what a
 * ledger counts. Readers take them as relaxed atomics. The writer takes them as they are, for x86-64 reads
 * and writes an aligned word at once and one instruction is to do for `add`; but with the thread
 * sanitizer, which is told what is meant: whatever else it finds is a mistake.
 */
#ifndef OURO_WORD_H
#define OURO_WORD_H

#if defined(__SANITIZE_THREAD__)
#    define WORD_TOLD 1
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define WORD_TOLD 1
#    endif
#endif

/* For anybody. */
#define WORD_READ(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#define WORD_WRITE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELAXED)

/* For the thread that alone adds to the word, or that alone looks at it so often. */
#ifdef WORD_TOLD
#    define WORD_OWN(word) WORD_READ(word)
#    define WORD_ADD(word, more) WORD_WRITE(word, WORD_READ(word) + (more))
#else
#    define WORD_OWN(word) (word)
#    define WORD_ADD(word, more) ((word) += (more))
#endif

#endif
