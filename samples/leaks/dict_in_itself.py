# ouro: GARBAGE 100 x dict ['self'] @ samples/leaks/dict_in_itself.py:10
#
# A dict that contains itself, as template scopes and configuration trees often do.
import gc

gc.disable()


def leak():
    scope = {"name": "scope"}
    scope["self"] = scope


for _ in range(100):
    leak()
