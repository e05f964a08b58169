// SPDX-License-Identifier: MIT
import { render } from "preact";
import { App } from "./app.jsx";

const target = document.getElementById("app");
target.textContent = "";
render(<App />, target);
performance.mark("ready");
document.documentElement.dataset.ready = "true";
