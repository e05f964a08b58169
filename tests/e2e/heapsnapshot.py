# SPDX-License-Identifier: MIT
"""A reader of .heapsnapshot files of its own: docs/export.md and V8's field names, none of the exporter's code.

Retained sizes are calculated from the graph alone, by another algorithm than the analyzer's (K. Cooper,
T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm", 2001).
"""

import json

from harness import equal, expect


class Node:
    __slots__ = ("type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness", "edges", "index")

    def __repr__(self):
        return "%s %s @%d" % (self.type, self.name, self.id)


class Snapshot:
    def __init__(self, text):
        self.file = json.loads(text)
        head, strings = self.file["snapshot"], self.file["strings"]
        meta = head["meta"]
        fields, types = meta["node_fields"], meta["node_types"][0]
        width, numbers = len(fields), self.file["nodes"]
        equal(len(numbers), head["node_count"] * width, "numbers of nodes")
        self.nodes = []
        for at in range(0, len(numbers), width):
            node = Node()
            for field, number in zip(fields, numbers[at:at + width]):
                setattr(node, field, number)
            node.type, node.name, node.edges, node.index = types[node.type], strings[node.name], [], len(self.nodes)
            self.nodes.append(node)
        edges, edge_types = self.file["edges"], meta["edge_types"][0]
        equal(len(edges), head["edge_count"] * 3, "numbers of edges")
        equal(sum(node.edge_count for node in self.nodes), head["edge_count"], "edges of all nodes")
        at = 0
        for node in self.nodes:
            for at in range(at, at + node.edge_count * 3, 3):
                kind, target = edge_types[edges[at]], edges[at + 2]
                expect(target % width == 0 and target < len(numbers), lambda: "an edge of %r leads to %d" % (node, target))
                name = edges[at + 1] if kind in ("element", "hidden") else strings[edges[at + 1]]
                node.edges.append((kind, name, self.nodes[target // width]))
            at += 3 if node.edge_count else 0

    def stacks(self):
        """trace_node_id → the frames (function, file, line), outermost first."""
        strings, infos = self.file["strings"], self.file["trace_function_infos"]
        equal(len(infos), 6 * self.file["snapshot"]["trace_function_count"], "numbers of places")
        found, waiting = {}, [(self.file["trace_tree"], ())]
        while waiting:
            (number, info, _, _, children), above = waiting.pop()
            place = (strings[infos[6 * info + 1]], strings[infos[6 * info + 2]], infos[6 * info + 4])
            found[number] = above = above + (place,)
            equal(len(children) % 5, 0, "numbers of the tree's children")
            waiting += [(children[at:at + 5], above) for at in range(0, len(children), 5)]
        return found

    def retained(self):
        """Bytes that each node keeps alive, by index."""
        targets = [[target.index for kind, _, target in node.edges if kind != "weak"] for node in self.nodes]
        order, number, waiting = [], [None] * len(targets), [(0, iter(targets[0]))]
        number[0] = -1
        while waiting:  # postorder
            index, left = waiting[-1]
            for target in left:
                if number[target] is None:
                    number[target] = -1
                    waiting.append((target, iter(targets[target])))
                    break
            else:
                number[index] = len(order)
                order.append(index)
                waiting.pop()
        equal(len(order), len(targets), "nodes that the first one leads to")
        sources = [[] for _ in targets]
        for index in order:
            for target in targets[index]:
                sources[target].append(index)
        above, changed = [None] * len(targets), True
        above[0] = 0
        while changed:
            changed = False
            for index in reversed(order[:-1]):
                best = None
                for source in sources[index]:
                    if above[source] is None:
                        continue
                    while best is not None and source != best:
                        if number[source] < number[best]:
                            source = above[source]
                        else:
                            best = above[best]
                    best = source
                if above[index] != best:
                    above[index], changed = best, True
        sizes = [node.self_size for node in self.nodes]
        for index in order[:-1]:
            sizes[above[index]] += sizes[index]
        return sizes
