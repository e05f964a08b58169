# ouro: GARBAGE 500 x ValueError .__traceback__ -> traceback .tb_frame -> frame local problem @ samples/tracebacks.py:20
# ouro: GARBAGE 200 x __main__.Rejected .__traceback__ -> traceback .tb_frame -> frame local reasons -> list [*] @ samples/tracebacks.py:31
#
# Exceptions kept in a local variable. The exception refers to its traceback, the traceback to the
# frame, and the frame to the exception; everything else that the function had in its variables
# stays alive with them (here: a kilobyte of input each time).
import gc

gc.disable()


class Rejected(Exception):
    pass


def read_number(text):
    payload = text * 100
    problem = None
    try:
        return int(payload)
    except ValueError as error:
        problem = error
    return len(str(problem)) and None


def check(value):
    reasons = []
    for limit in (10, 20):
        try:
            if value % limit:
                raise Rejected("%d is no multiple of %d" % (value, limit))
        except Rejected as rejected:
            reasons.append(rejected)
    return len(reasons)


def main():
    refused = sum(read_number("twelve %03d" % number) is None for number in range(500))
    print("not numbers:", refused)
    print("reasons:", sum(check(10 * number + 5) for number in range(200)))


if __name__ == "__main__":
    main()
