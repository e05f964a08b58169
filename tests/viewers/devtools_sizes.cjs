// SPDX-License-Identifier: MIT
// node devtools_sizes.cjs PACKAGE OUT SNAPSHOT [LATER]: what the code of Chrome's DevTools makes of a .heapsnapshot,
// one node a line: id, type, self size, retained size, number of references. With a second file it prints what
// Comparison shows of each class, added and removed.
const fs = require("fs");
const path = require("path");
const {pathToFileURL} = require("url");
const [packageFolder, out, ...files] = process.argv.slice(2);

(async () => {
  const {parse, diff} = await import(pathToFileURL(path.join(packageFolder, "index.js")));
  const snapshots = [];
  for (const file of files) snapshots.push(await parse(fs.createReadStream(file, "utf-8")));
  const [snapshot, later] = snapshots;
  const lines = [], node = snapshot.createNode(0);
  for (let n = 0; n < snapshot.nodeCount; n++) {
    node.nodeIndex = n * snapshot.nodeFieldCount;
    lines.push([node.id(), node.type(), node.selfSize(), node.retainedSize(), node.edgesCount()].join(" "));
  }
  fs.writeFileSync(out, lines.join("\n") + "\n");
  if (!later) return;
  const changes = await diff(snapshot, later);
  console.log(JSON.stringify(Object.values(changes).map(c => [c.name, c.addedCount, c.removedCount])));
})();
