// SPDX-License-Identifier: MIT
// From the table of calls to the tree that a flame graph shows: one measure, callers first or callees
// first, by line or by function. A node is {name, kind, frame, value, before, blocks, children}.
import { calls, isImporting } from "./data.js";

const SMALLER = "(smaller)";

// A number for what is drawn as one box: the same function, and the same line if lines are apart.
function frameKeys(tree, byLine) {
    const keys = new Map();
    return tree.frames.map((frame) => {
        const key = `${frame.file}\0${frame.name}\0${byLine ? frame.line : ""}`;
        if (!keys.has(key)) keys.set(key, keys.size);
        return keys.get(key);
    });
}

function makeNode(name, kind, frame) {
    return { name, kind, frame, value: 0, before: 0, after: 0, blocks: 0, map: null, children: null, lines: null };
}

function childOf(parent, key, make) {
    parent.map ??= new Map();
    let child = parent.map.get(key);
    if (!child) {
        child = make();
        parent.map.set(key, child);
    }
    return child;
}

const add = (node, leaf) => {
    node.value += leaf.value;
    node.before += leaf.before;
    node.after += leaf.after;
    node.blocks += leaf.blocks;
};

// Of the lines of a function that are one box, the one with most bytes stands for it.
function addLine(node, frame, value) {
    node.lines ??= new Map();
    node.lines.set(frame.line, (node.lines.get(frame.line) ?? 0) + value);
    if (frame.line !== node.frame.line && node.lines.get(frame.line) > (node.lines.get(node.frame.line) ?? 0)) node.frame = frame;
}

// The leaves that count for a measure. Of two runs `width` says which one's bytes make the width.
function leavesOf(tree, measure, width) {
    const m = tree.measures.indexOf(measure), each = tree.measures.length, result = [];
    for (const leaf of tree.leaves) {
        const before = leaf[3 + 2 * m];
        const after = tree.sides === 2 ? leaf[3 + 2 * (each + m)] : 0;
        const value = tree.sides === 1 ? before : width === "before" ? before : width === "after" ? after : Math.max(before, after);
        if (value > 0) result.push({ node: leaf[0], type: leaf[1], value, before, after, blocks: leaf[2 + 2 * m] });
    }
    return result;
}

export function buildTree({ measure, invert = false, byLine = false, types = true, importing = false, width = "larger" }) {
    const tree = calls();
    const root = makeNode("all", "root", null);
    const keys = frameKeys(tree, byLine);
    const hidden = tree.frames.map((frame) => !importing && isImporting(frame));
    const typeName = (leaf) => (leaf.type < 0 ? SMALLER : tree.strings[leaf.type]);
    const typeNode = (leaf) => makeNode(typeName(leaf), leaf.type < 0 ? "rest" : "type", null);
    const frameNode = (at) => {
        const frame = tree.frames[tree.frame[at]];
        const name = frame.name || frame.file || "(no Python frame)";
        return makeNode(name, frame.library ? "library" : "own", frame);
    };
    for (const leaf of leavesOf(tree, measure, width)) {
        const path = [];
        for (let at = leaf.node; at; at = tree.parent[at]) {
            if (!hidden[tree.frame[at]]) path.push(at);
        }
        let node = root;
        add(root, leaf);
        if (invert && types) {
            node = childOf(node, `t${leaf.type}`, () => typeNode(leaf));
            add(node, leaf);
        }
        // What importing makes is one place, as in the text report; the rest has no Python frame.
        const nowhere = leaf.node && hidden[tree.frame[leaf.node]] ? "(importing modules)" : path.length ? null : "(no Python frame)";
        if (!invert) path.reverse();
        if (invert && nowhere) {
            node = childOf(node, nowhere, () => makeNode(nowhere, "library", null));
            add(node, leaf);
        }
        for (const at of path) {
            node = childOf(node, keys[tree.frame[at]], () => frameNode(at));
            add(node, leaf);
            addLine(node, tree.frames[tree.frame[at]], leaf.value);
        }
        if (!invert && nowhere) {
            node = childOf(node, nowhere, () => makeNode(nowhere, "library", null));
            add(node, leaf);
        }
        if (!invert && types) {
            node = childOf(node, `t${leaf.type}`, () => typeNode(leaf));
            add(node, leaf);
        }
    }
    finish(root);
    return root;
}

// Maps become lists, largest first. Without recursion: chains of calls can be deep.
function finish(root) {
    const open = [root];
    while (open.length) {
        const node = open.pop();
        if (!node.map) continue;
        node.children = [...node.map.values()].sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
        node.map = null;
        open.push(...node.children);
    }
}
