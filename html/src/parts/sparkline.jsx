// SPDX-License-Identifier: MIT
import { bytes, duration } from "../format.js";

// Live bytes as a small area.
export function Sparkline({ values, times }) {
    const most = Math.max(...values, 1), last = times.at(-1) || 1;
    const points = ["0,100", ...values.map((v, i) => `${((1000 * times[i]) / last).toFixed(1)},${(100 - (96 * v) / most).toFixed(1)}`)];
    const peak = values.indexOf(most);
    return (
        <>
            <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
                <polygon points={`${points.join(" ")} 1000,100`} />
                <polyline points={points.join(" ")} vector-effect="non-scaling-stroke" />
            </svg>
            <span class="spark-text"><span>live memory over time</span><span>highest {bytes(values[peak])} after {duration(times[peak])}</span><span>{duration(last)}</span></span>
        </>
    );
}
