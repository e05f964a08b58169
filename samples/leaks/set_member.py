# ouro: GARBAGE 100 x __main__.Listener .peers -> set [*] @ samples/leaks/set_member.py:16
#
# A set of listeners, each of which knows the set.
import gc

gc.disable()


class Listener:
    def __init__(self, peers):
        self.peers = peers
        peers.add(self)


def leak():
    Listener(set())


for _ in range(100):
    leak()
