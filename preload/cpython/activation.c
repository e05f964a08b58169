/* SPDX-License-Identifier: MIT */
#include "activation.h"

#include <string.h>

#include "api.h"
#include "layout.h"

/* Flags of code: it keeps its variables in the frame; a call of it returns before it has run. */
enum {
    CODE_OPTIMIZED = 0x1,
    CODE_RESUMED = 0x20 | 0x80 | 0x100 | 0x200, /* generators and coroutines */
};

void activation_setup(void)
{
    if (layout.mark_is_none)
        layout.mark_set = (uintptr_t)api.none;
}

/* Whether the frame is a thread's own: not within a generator, nor the interpreter's C stack. */
static bool owned_by_thread(uintptr_t frame)
{
    if (layout.frame_owner != LAYOUT_NONE)
        return *(const char *)(frame + layout.frame_owner) == 0;
    return object_type(frame) == (uintptr_t)api.frame_type;
}

/* Whether the frame runs once, from one caller, and its field is free for the mark. */
static bool markable(uintptr_t frame)
{
    uintptr_t code = load_word(frame, layout.frame_code) & ~LAYOUT_TAGS;
    int flags = load_int(code, layout.code_flags);
    return !(flags & CODE_RESUMED) && (!layout.mark_is_none || flags & CODE_OPTIMIZED);
}

bool activation_mark(uintptr_t tstate, uintptr_t frame)
{
    uintptr_t word = load_word(frame, layout.mark);
    if (!owned_by_thread(frame)) /* on the C stack fields nobody sets may look like a mark */
        return false;
    if ((word & layout.mark_mask) == layout.mark_set)
        return true;
    if ((word & layout.mark_mask) != layout.mark_fresh || !layout.mark_mask ||
        load_int(tstate, layout.tstate_tracing) || !markable(frame))
        return false;
    word = (word & ~layout.mark_mask) | layout.mark_set;
    memcpy((void *)(frame + layout.mark), &word, sizeof word);
    return true;
}
