// SPDX-License-Identifier: MIT
import { bytes, count, duration } from "../format.js";

// How many were alive in each stretch of the run, as bars.
export function Steps({ points }) {
    const most = Math.max(...points.map((p) => p.count), 1);
    return (
        <figure class="steps" role="img" aria-label={`alive in each stretch of the run: ${points.map((p) => count(p.count)).join(", ")}`}>
            {points.map((p) => (
                <span title={`${count(p.count)} alive, ${bytes(p.bytes)}, after ${duration(p.time)}`}>
                    <b>{count(p.count)}</b>
                    <i style={{ height: `${Math.max(2, (72 * p.count) / most)}px` }} />
                    <small>{duration(p.time)}</small>
                </span>
            ))}
        </figure>
    );
}
