# ouro: GARBAGE 100 x function .__closure__ -> tuple [*] -> cell .cell_contents @ samples/leaks/lambda_naming_itself.py:10
#
# A lambda that refers to the variable that holds it.
import gc

gc.disable()


def factorial(number):
    multiply = lambda n: 1 if n < 2 else n * multiply(n - 1)
    return multiply(number)


for _ in range(100):
    factorial(5)
