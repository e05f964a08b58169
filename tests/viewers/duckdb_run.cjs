// SPDX-License-Identifier: MIT
// node duckdb_run.cjs PACKAGE FILE: runs the statements of FILE (a JSON list) in DuckDB, prints the rows of each as
// one line of JSON.
const fs = require("fs");
const {createRequire} = require("module");
const [packageFolder, file] = process.argv.slice(2);
const {DuckDBInstance} = createRequire(packageFolder + "/package.json")("@duckdb/node-api");

(async () => {
  const instance = await DuckDBInstance.create(":memory:", {threads: "2"});
  const connection = await instance.connect();
  for (const statement of JSON.parse(fs.readFileSync(file, "utf8"))) {
    const reader = await connection.runAndReadAll(statement);
    console.log(JSON.stringify(reader.getRowsJson()));
  }
})();
