# SPDX-License-Identifier: MIT
"""Computation: floats and integers in tight loops, few containers."""
from measure import measure


def mandelbrot(width, rounds):
    inside = 0
    for row in range(width):
        for column in range(width):
            c = complex(3.0 * column / width - 2.0, 2.0 * row / width - 1.0)
            z = 0j
            for _ in range(rounds):
                z = z * z + c
                if z.real * z.real + z.imag * z.imag > 4.0:
                    break
            else:
                inside += 1
    return inside


def bodies(steps):
    position = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.5]]
    speed = [[0.0, 0.0], [0.0, 1.0], [-0.8, 0.0]]
    for _ in range(steps):
        for i in range(3):
            for j in range(3):
                if i != j:
                    dx, dy = position[i][0] - position[j][0], position[i][1] - position[j][1]
                    force = 0.001 / ((dx * dx + dy * dy) ** 1.5 + 0.01)
                    speed[i][0] -= dx * force
                    speed[i][1] -= dy * force
        for i in range(3):
            position[i][0] += speed[i][0] * 0.001
            position[i][1] += speed[i][1] * 0.001
    return position


def work(scale):
    steps = int(500 * scale)
    return [mandelbrot(int(290 * scale ** 0.5), 60), bodies(220 * steps), sum(n * n % 1000007 for n in range(10000 * steps))]


measure(work)
