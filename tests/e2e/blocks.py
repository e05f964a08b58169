# SPDX-License-Identifier: MIT
"""What an allocator really gives for a size."""


def block(size, lockless):
    """Bytes of an allocator's block: pymalloc's and malloc's, or mimalloc's."""
    if not lockless:
        return (size + 15) // 16 * 16 if size <= 512 else (size + 8 + 15) // 16 * 16
    words = (size + 7) // 8
    if words <= 8:
        return (words + 1) // 2 * 16 if words > 1 else 8
    step = 8 * (1 << ((words - 1).bit_length() - 1 - 2))
    return (size + step - 1) // step * step
