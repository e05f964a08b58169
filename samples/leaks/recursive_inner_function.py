# ouro: GARBAGE 100 x function .__closure__ -> tuple [*] -> cell .cell_contents @ samples/leaks/recursive_inner_function.py:10
#
# An inner function that calls itself: function, closure and cell hold each other.
import gc

gc.disable()


def depth(tree):
    def walk(node):
        return 1 + max((walk(child) for child in node), default=0)

    return walk(tree)


for _ in range(100):
    depth([[], [[]]])
