# SPDX-License-Identifier: MIT
# cut: cell .cell_contents
#
# samples/leaks/lambda_naming_itself.py without the leak: the variable is cleared when done.
import gc

gc.disable()


def factorial(number):
    multiply = lambda n: 1 if n < 2 else n * multiply(n - 1)
    try:
        return multiply(number)
    finally:
        multiply = None


for _ in range(100):
    factorial(5)
