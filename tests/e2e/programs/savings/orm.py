# SPDX-License-Identifier: MIT
# group: str __main__.Order.customer
# group: decimal.Decimal __main__.Order.price
"""Instances as an object-relational mapper makes them: attributes in a dict, values as the driver gives them."""
import decimal
import sys

PRICES = {}


def rows(count):
    for n in range(count):
        yield b"customer-%03d" % (n % 200), "%d.%02d" % (n % 20, n % 10)


class Order:
    def __init__(self, customer, price):
        self.customer = customer.decode()  # fixed: self.customer = sys.intern(customer.decode())
        made = decimal.Decimal(price)  # made here
        self.price = made  # fixed: self.price = PRICES.setdefault(made, made)
        self.open = True


ORDERS = [Order(*row) for row in rows(8000)]
print(len(ORDERS), len(PRICES) < 100, sys.getsizeof(PRICES) > 0)
