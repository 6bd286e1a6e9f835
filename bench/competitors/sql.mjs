// SQLite as npm has it: `node sql.mjs FILE COUNT` runs the script that often and prints rows as sqlite3 does.
import { readFileSync } from "node:fs";
import initSqlJs from "sql.js";

const SQL = await initSqlJs();
const [, , file = "", count = "1"] = process.argv;
const script = readFileSync(file, "utf8");
const database = new SQL.Database();
for (let round = 0; round < Number(count); round++)
  for (const { values } of database.exec(script)) for (const row of values) console.log(row.join("|"));
