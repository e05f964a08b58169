// SPDX-License-Identifier: MIT
// The data of the page: elements of type application/json, each parsed when it is first needed.
import { text } from "./format.js";

const parsed = new Map();

export function block(name) {
    if (!parsed.has(name)) {
        const element = document.getElementById(`ouro-${name}`);
        parsed.set(name, element ? JSON.parse(element.textContent) : null);
    }
    return parsed.get(name);
}

export const report = () => block("report");
export const isDiff = () => !!document.getElementById("ouro-diff");

// The calling-context tree. Frames are {file, name, line, library}; node 0 is the root.
let callTree = null;
export function calls() {
    if (callTree) return callTree;
    const raw = block("calls");
    if (!raw) return null;
    const frames = [];
    for (let i = 0; i < raw.frames.length; i += 4) {
        frames.push({
            file: raw.strings[raw.frames[i]],
            name: raw.strings[raw.frames[i + 1]],
            line: raw.frames[i + 2],
            library: raw.frames[i + 3] === 1,
        });
    }
    const index = new Map(raw.id.map((id, at) => [id, at]));
    callTree = { ...raw, frames, index };
    return callTree;
}

// The stack of a place of the report, the innermost frame first.
export function stack(site) {
    const tree = calls();
    const result = [];
    if (!tree) return result;
    for (let at = tree.index.get(site) ?? 0; at; at = tree.parent[at]) result.push(tree.frames[tree.frame[at]]);
    return result;
}

const importing = (frame) => /^<frozen (importlib|zipimport)/.test(frame.file);
export { importing as isImporting };

// The frame to show: the innermost of the program, or else of any code (page_own_frame()).
export function ownFrame(site) {
    const frames = stack(site);
    for (const frame of frames) {
        if (importing(frame)) break;
        if (!frame.library && !frame.file.startsWith("<")) return frame;
    }
    return frames[0] ?? null;
}

export const innermost = (site) => stack(site)[0] ?? null;

// A file as people read it: below the working directory from there, of a library from its package, else its end.
export function fileName(file) {
    const directory = report()?.directory;
    if (directory && directory.length > 1 && file.startsWith(`${directory}/`)) return text(file.slice(directory.length + 1));
    const library = /^.*\/(?:site-packages|dist-packages|lib(?:64)?\/python[^/]*)\/(.+)$/.exec(file);
    if (library) return text(`…/${library[1]}`);
    const parts = file.split("/");
    return text(parts.length > 4 && file.length > 28 ? `…/${parts.slice(-2).join("/")}` : file);
}

export function placeName(frame) {
    if (!frame || (!frame.file && !frame.line)) return "(no Python frame)";
    if (importing(frame)) return "(importing modules)";
    return `${fileName(frame.file)}${frame.line ? `:${frame.line}` : ""}`;
}

// Lines of source around a place: [[number, text], …], or null.
let files = null;
export function excerpt(frame, around = 4) {
    if (!frame || !block("source")) return null;
    files ??= new Map(block("source").map((file) => [file.file, file]));
    const file = files.get(frame.file);
    if (!file) return null;
    if (file.changed) return "changed";
    const lines = [];
    for (let n = frame.line - around; n <= frame.line + around; n++) {
        if (n in file.lines) lines.push([n, file.lines[n]]);
    }
    return lines.some(([n]) => n === frame.line) ? lines : null;
}
