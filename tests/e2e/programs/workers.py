# A master that forks workers as a server does, and spawns one process besides. Each worker answers its
# share of requests and leaves a kind of garbage behind that nobody will collect; one of them twice as much.
import gc
import os
import subprocess
import sys

gc.disable()
SHARED = ["loaded by the master %d" % n for n in range(500)]


class Session:
    def __init__(self, number):
        self.number = number
        self.me = self


class Worker:
    def __init__(self, number):
        self.number, self.answered = number, []

    def serve(self, count):
        for number in range(count):
            Session(number)
            self.answered.append("answer %d of worker %d" % (number, self.number))


def main():
    children = []
    for number in range(int(sys.argv[1])):
        child = os.fork()
        if child == 0:
            worker = Worker(number)
            worker.serve(4000 if number == 1 else 2000)
            sys.exit(0)
        children.append(child)
    subprocess.run([sys.executable, "-c", "print('helper')"], check=True)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
