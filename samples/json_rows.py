# ouro: INTERN str 5000 copies 4 distinct in dict['country'] @ samples/json_rows.py:33
# ouro: INTERN str 5000 copies 3 distinct in dict['status'] @ samples/json_rows.py:33
# ouro: INTERN float 5000 copies 5 distinct in dict['price'] @ samples/json_rows.py:33
# ouro: INTERN int 5000 copies 2 distinct in dict['store'] @ samples/json_rows.py:33
# ouro: NO-GARBAGE __main__.
#
# A feed of records, read line by line. The JSON decoder makes a new string for each value, so
# five thousand rows hold fifteen thousand strings and floats of which a dozen differ.
import json

COUNTRIES = "Germany", "France", "United Kingdom", "Spain"
STATUSES = "delivered", "returned to sender", "in transit"
PRICES = 4.99, 9.99, 12.5, 99.0, 1249.95
STORES = 771204, 908113


def feed(rows):
    for number in range(rows):
        yield json.dumps(
            {
                "id": 5000000 + number,
                "country": COUNTRIES[number % 4],
                "status": STATUSES[number % 3],
                "price": PRICES[number % 5],
                "store": STORES[number % 2],
            }
        )


def load(lines):
    rows = []
    for line in lines:
        rows.append(json.loads(line))
    return rows


ROWS = load(feed(5000))
print("delivered:", sum(row["status"] == "delivered" for row in ROWS))
