// SPDX-License-Identifier: MIT
// The view and what is selected in it stand behind the # of the address, so that links and the
// browser's own buttons work: #flame?measure=leaked
import { useEffect, useState } from "preact/hooks";

function read() {
    const [view, query] = location.hash.replace(/^#\/?/, "").split("?");
    return { view: view || "overview", query: Object.fromEntries(new URLSearchParams(query || "")) };
}

export function useRoute() {
    const [route, setRoute] = useState(read);
    useEffect(() => {
        const changed = () => setRoute(read());
        addEventListener("hashchange", changed);
        return () => removeEventListener("hashchange", changed);
    }, []);
    return route;
}

export function link(view, query) {
    const text = new URLSearchParams(query || {}).toString();
    return `#${view}${text ? `?${text}` : ""}`;
}
