# SPDX-License-Identifier: MIT
# cut: __main__.Listener .peers
#
# samples/leaks/set_member.py without the leak: a weak set of peers.
import gc
import weakref

gc.disable()


class Listener:
    def __init__(self, peers):
        self.peers = peers
        peers.add(self)


def leak():
    Listener(weakref.WeakSet())


for _ in range(100):
    leak()
