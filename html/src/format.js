// SPDX-License-Identifier: MIT
// Figures as the text report writes them (analyzer/text/human.c).

export function count(n) {
    if (n === null || n === undefined) return "?";
    return Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

export function bytes(n) {
    if (n === null || n === undefined) return "?";
    let value = Math.abs(n), unit = -1;
    const sign = n < 0 ? "−" : "";
    while (value >= 1023.95) {
        value /= 1024;
        unit++;
    }
    return unit < 0 ? `${sign}${Math.round(value)} B` : `${sign}${value.toFixed(1)} ${UNITS[unit]}`;
}

export function duration(seconds) {
    if (seconds === null || seconds === undefined) return "?";
    const ns = Math.round(seconds * 1e9), whole = Math.floor(seconds);
    if (ns < 1e3) return `${ns} ns`;
    if (ns < 1e6) return `${Math.floor(ns / 1e3)} µs`;
    if (ns < 1e9) return `${Math.floor(ns / 1e6)} ms`;
    if (whole < 60) return `${seconds.toFixed(1)} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
}

export function percent(part, whole) {
    if (!whole) return "0 %";
    const share = (100 * part) / whole;
    return share > 0 && share < 0.05 ? "< 0.1 %" : `${share.toFixed(1)} %`;
}

export function rate(value) {
    if (value >= 999.5) return count(Number(value.toPrecision(3)));
    return String(Number(value.toPrecision(3)));
}

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

// Signs that turn the direction of writing or cannot be seen could make a name look like another one.
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

// Text of the program: hidden signs become visible, very long ones are cut.
export function text(value, most = 400) {
    if (value === null || value === undefined) return "?";
    let shown = String(value);
    if (shown.length > most) shown = `${shown.slice(0, most)}…`;
    return shown.replace(UNSEEN, (sign) => `\\u${sign.codePointAt(0).toString(16).padStart(4, "0")}`);
}
