// SPDX-License-Identifier: MIT
// node memlab_sizes.cjs PACKAGE SNAPSHOT OUT: what memlab makes of a .heapsnapshot, one node a line: id,
// type, self size, retained size, number of references.
const fs = require("fs");
const {createRequire} = require("module");
const [packageFolder, file, out] = process.argv.slice(2);
const {analysis, utils} = createRequire(packageFolder + "/package.json")("@memlab/core");

(async () => {
  const snapshot = await utils.getSnapshotFromFile(file, {buildNodeIdIndex: true});
  analysis.preparePathFinder(snapshot);
  const lines = [];
  snapshot.nodes.forEach(node => {
    lines.push([node.id, node.type, node.self_size, node.retainedSize, node.edge_count].join(" "));
  });
  fs.writeFileSync(out, lines.join("\n") + "\n");
})();
