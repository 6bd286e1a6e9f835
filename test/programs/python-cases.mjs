// Python's modules for processes, threads and signals.
import { readFileSync } from "node:fs";

const files = { "processes.py": readFileSync(new URL("scripts/processes.py", import.meta.url)) };
const python = { source: "debian:python3,dash,coreutils/python3", native: "python3", files };

export const pythonCases = [
  {
    name: "python3 processes and threads",
    ...python,
    args: ["processes.py", "subprocess", "threading", "signal", "fork", "futures", "asyncio"],
  },
  { name: "python3 spawn", ...python, args: ["processes.py", "spawn"] },
];
