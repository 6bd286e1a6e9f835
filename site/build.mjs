/**
 * The site: `npm run site [-- FOLDER]`, after a build. A page that starts programs from Debian in a terminal, for any static
 * server; one that isolates pages (COOP and COEP headers) lets them run faster.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliPath } from "../scripts/cli-path.mjs";

const [folder = "site/dist"] = process.argv.slice(2);

/** @type {{ name: string, what: string, root: string, command: string[], try: string }[]} */
const PROGRAMS = [
  {
    name: "bash",
    what: "a shell with coreutils: pipelines, job control, background jobs",
    root: "debian:bash,coreutils,grep,sed,ncurses-base",
    command: ["/bin/bash"],
    try: "seq 1 10 | sort -rn | head -3",
  },
  {
    name: "python3",
    what: "Python 3.13 with its standard library",
    root: "debian:python3,ncurses-base",
    command: ["/usr/bin/python3"],
    try: "import hashlib; hashlib.sha256(b'drupe').hexdigest()",
  },
  {
    name: "sqlite3",
    what: "the command line of SQLite, on a database in memory",
    root: "debian:sqlite3,ncurses-base",
    command: ["/usr/bin/sqlite3"],
    try: "select sqlite_version();",
  },
  {
    name: "lua",
    what: "Lua 5.4",
    root: "debian:lua5.4,ncurses-base",
    command: ["/usr/bin/lua5.4"],
    try: "for i = 1, 3 do print(i, 2^i) end",
  },
];

mkdirSync(folder, { recursive: true });
const rows = PROGRAMS.map((program) => {
  const place = join(folder, program.name);
  const args = ["build", "--format", "web", "--ahead", "startup", "-o", place, program.root, "--", ...program.command];
  const { status } = spawnSync(process.execPath, [cliPath, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) process.exit(1);
  const megabytes = statSync(join(place, "image.drupe")).size / 2 ** 20;
  const cells = [
    `<a href="${program.name}/">${program.name}</a>`,
    escapeHtml(program.what),
    `<code>${escapeHtml(program.try)}</code>`,
    `${megabytes.toFixed(1)} MB`,
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
});
const template = readFileSync(join(import.meta.dirname, "index.html"), "utf8");
writeFileSync(join(folder, "index.html"), template.replace("<!-- programs -->", rows.join("\n")));
console.log(join(folder, "index.html"));

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
