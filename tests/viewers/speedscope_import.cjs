// SPDX-License-Identifier: MIT
// node speedscope_import.cjs PACKAGE FILE: what speedscope's own importer makes of a file, as JSON. The
// package has its code as one script for a browser. That runs here in a context in which a page is all
// there is and nothing can be drawn; the importer, which is no global, is handed out before that.
const fs = require("fs");
const path = require("path");
const vm = require("vm");
const [packageFolder, file] = process.argv.slice(2);
const release = path.join(packageFolder, "dist", "release");

const script = fs.readdirSync(release).find(name => /^speedscope-.*\.js$/.test(name));
const text = fs.readFileSync(path.join(release, script), "utf8");
const call = /loadFileFromBase64:\((\w+),(\w+)\)=>\{this\.loadProfile\(\(\)=>(\w+)\(\1,\2\)\)/.exec(text);
if (!call) throw new Error("the importer is not where it was in the locked version");
const start = "(()=>{";
if (text.split(start)[0].length > 20) throw new Error("the script does not begin as that of the locked version");

// Whatever the page asks for is there and does nothing.
const anything = new Proxy(function () {}, {
  get: (target, key) => (key === Symbol.toPrimitive ? () => "" : key === "then" ? undefined : anything),
  apply: () => anything,
  construct: () => anything,
  set: () => true,
});
const page = {
  TextDecoder, TextEncoder, URL, WebAssembly, atob, btoa, clearTimeout, performance, setTimeout,
  addEventListener() {}, requestAnimationFrame() {},
  console: {assert: console.assert, error: console.error, log() {}, warn: console.warn},
  document: anything,
  localStorage: {getItem: () => null},
  location: {hash: "", protocol: "file:"},
  navigator: {platform: "", userAgent: ""},
};
page.window = page.self = page;
vm.createContext(page);
try {
  vm.runInContext(text.replace(start, `${start}globalThis.importer=(...a)=>${call[3]}(...a);`), page);
} catch (error) {
  // Drawing the page is the last that the script does, and cannot work.
}

(async () => {
  const group = await page.importer(path.basename(file), fs.readFileSync(file).toString("base64"));
  if (!group) throw new Error("speedscope knows no such format");
  const profiles = group.profiles.map(profile => {
    const frames = [];
    profile.forEachFrame(f => frames.push([f.name, f.file || "", f.line || 0, f.getSelfWeight(), f.getTotalWeight()]));
    return {name: profile.getName(), unit: profile.getWeightUnit(), total: profile.getTotalWeight(), frames};
  });
  process.stdout.write(JSON.stringify({name: group.name, shown: group.indexToView, profiles}));
})();
