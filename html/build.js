// SPDX-License-Identifier: MIT
// Bundles src/ into one page, frame.html, and collects the licences of what is in it. `./dev html`
// runs it where the packages of package-lock.json are installed.
//
//   node build.js FOLDER     both files go there
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];

const shared = { bundle: true, minify: true, write: false, charset: "utf8", legalComments: "none", absWorkingDir: here, metafile: true };
const script = await build({
    ...shared,
    entryPoints: ["src/main.jsx"],
    format: "iife",
    target: ["chrome111", "firefox113", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
});
const style = await build({ ...shared, entryPoints: ["src/style.css"] });

const js = script.outputFiles[0].text.trim();
const css = style.outputFiles[0].text.trim();
for (const [name, text] of [["script", js], ["style", css]]) {
    if (new RegExp(`</${name}|<!--`, "i").test(text)) throw new Error(`the ${name} would end its own element`);
}

// Packages whose files are in the bundle, and those that these contain.
const packages = new Set();
function add(name) {
    if (packages.has(name)) return;
    packages.add(name);
    const about = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
    Object.keys(about.dependencies ?? {}).forEach(add);
}
for (const input of [script, style].flatMap((result) => Object.keys(result.metafile.inputs))) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) add(found[1]);
}
const line = "=".repeat(78);
let licences = "frame.html contains these packages. Written by build.js.\n";
for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file || !existsSync(join(folder, file))) throw new Error(`${name} has no licence file`);
    const text = readFileSync(join(folder, file), "utf8").replace(/[ \t\r]+$/gm, "").trim();
    licences += `\n${line}\n${name} ${about.version} (${about.license})\n${line}\n\n${text}\n`;
}

// What it was made from: `./dev lint` compares (tools/dev/html.sh counts likewise).
function files(folder) {
    return readdirSync(join(here, folder)).flatMap((entry) => {
        const path = `${folder}/${entry}`;
        return statSync(join(here, path)).isDirectory() ? files(path) : [path];
    });
}
const sha256 = (data) => createHash("sha256").update(data).digest();
const inputs = [...files("src"), "build.js", "package-lock.json", "package.json"].sort();
const sources = sha256(inputs.map((path) => `${sha256(readFileSync(join(here, path))).toString("hex")}  ${path}\n`).join("")).toString("hex");

const allowed = (text) => `'sha256-${sha256(text).toString("base64")}'`;
const page = readFileSync(join(here, "src/frame.html"), "utf8")
    .replace("@SOURCES@", () => sources)
    .replace("@CSP@", () => `default-src 'none'; script-src ${allowed(js)}; style-src ${allowed(css)}; base-uri 'none'; form-action 'none'`)
    .replace("@STYLE@", () => css)
    .replace("@SCRIPT@", () => js);
writeFileSync(join(out, "frame.html"), page);
writeFileSync(join(out, "LICENSES"), licences);
