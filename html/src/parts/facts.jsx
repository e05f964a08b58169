// SPDX-License-Identifier: MIT
// What is known of something, a line each; what is not known is left out.
export function Facts({ rows }) {
    return (
        <dl class="facts-list">
            {rows.filter(([, value]) => value).map(([name, value]) => (
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}
