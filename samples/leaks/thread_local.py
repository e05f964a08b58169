# ouro: GARBAGE 50 x _thread._local -> dict [<_thread._localdummy>] -> dict ['me'] @ samples/leaks/thread_local.py:11
#
# A threading.local that holds itself.
import gc
import threading

gc.disable()


def leak():
    local = threading.local()
    local.me = local


for _ in range(50):
    leak()
