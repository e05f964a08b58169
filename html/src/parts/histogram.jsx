// SPDX-License-Identifier: MIT
import { bytes, count } from "../format.js";

// Lifetimes on the allocation clock, in powers of two.
export function Histogram({ buckets }) {
    if (!buckets.length) return null;
    const most = Math.max(...buckets.map((b) => b.count));
    return (
        <figure class="histogram" role="img" aria-label={`Lifetimes in bytes of allocation: ${buckets.map((b) => `${count(b.count)} below ${bytes(b.below)}`).join(", ")}`}>
            <figcaption>lifetimes, in bytes the program allocated meanwhile</figcaption>
            <div>
                {buckets.map((b) => (
                    <span title={`${count(b.count)} lived for less than ${bytes(b.below)}`}>
                        <i style={{ height: `${Math.max(1, (60 * b.count) / most)}px` }} />
                        <small>{bytes(b.below).replace(".0 ", " ")}</small>
                    </span>
                ))}
            </div>
        </figure>
    );
}
