# SPDX-License-Identifier: MIT
# group: str tuple[*]
"""Documents as sequences of words, and how often each word comes in a document."""
import sys

WORDS = ["word%s" % ("o" * (n % 9) + str(n * 37 % 500)) for n in range(500)]


class Document:
    def __init__(self, text):
        words = text.split()  # made here
        self.words = tuple(words)  # fixed: self.words = tuple([sys.intern(word) for word in words])


def texts(count):
    for n in range(count):
        yield " ".join(WORDS[(n * n + k * (n % 7 + 1)) % 500] for k in range(60)) + " unique%d" % n


DOCUMENTS = [Document(text) for text in texts(200)]
COUNTS = {}
for document in DOCUMENTS:
    for word in document.words:
        COUNTS[word] = COUNTS.get(word, 0) + 1
print(len(COUNTS))
