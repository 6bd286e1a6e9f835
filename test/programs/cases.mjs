// Unmodified Debian programs and what they are asked. Each runs natively and on Drupe with the same arguments, input and
// files; stdout and status must be equal. `files` makes the working directory's content anew for each run.

/** 20 MB that compress neither too well nor too badly: the same bytes on every machine. */
export function sampleData(bytes = 20_000_000) {
  const words = "kernel seed stone fruit branch leaf root bark blossom orchard syscall futex signal page".split(" ");
  const out = Buffer.alloc(bytes);
  let state = 12345;
  let at = 0;
  while (at < bytes) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    at += out.write(`${words[(state >>> 16) % words.length]}${(state >>> 8) % 97} `, at);
  }
  return out;
}

const text = "pear 3\napple 10\nplum 7\ncherry 22\napricot 1\n";
const python = String.raw`
import json, re, hashlib, sqlite3, decimal, zlib, sys
data = {"name": "drupe", "list": [1, 2.5, None, True], "nested": {"k": "v" * 3}}
print(json.dumps(json.loads(json.dumps(data)), sort_keys=True))
print(re.sub(r"(\w+)@(\w+)", r"\2 at \1", "user@host, root@guest"))
print(hashlib.sha256(b"drupe" * 1000).hexdigest(), hashlib.md5(b"").hexdigest())
db = sqlite3.connect(":memory:")
db.execute("create table t(a integer, b text)")
db.executemany("insert into t values(?, ?)", [(i, str(i * i)) for i in range(1000)])
print(db.execute("select count(*), sum(a), max(length(b)) from t").fetchone())
decimal.getcontext().prec = 50
print(decimal.Decimal(2).sqrt())
packed = zlib.compress(b"drupe " * 10000)
print(len(zlib.decompress(packed)), zlib.crc32(b"drupe"))
print(sorted({"b": 1, "a": 2}.items()), 2 ** 200, 0.1 + 0.2, float("1e308") * 10)
print(sum(x * x for x in range(100000)))
try:
    open("/nonexistent")
except OSError as error:
    print(error)
sys.exit(3)
`;
const load = `
create table t(id integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
insert into t select i, 'row' || (i * 7919 % 100000), i / 3.0 from n;
create index by_name on t(name);
select count(*), sum(value) from t;
select * from t where name = 'row4242';
select substr(name, 1, 4), count(*) from t group by 1 order by 1 limit 5;
pragma integrity_check;
`;

const busybox = { source: "debian:busybox-static/busybox", native: "busybox" };
const coreutils = (command) => ({ source: `debian:coreutils/${command}`, native: command });
const files = { "fruit.txt": text, "dir/a": "A\n", "dir/b": "B\n" };

export const cases = [
  {
    name: "busybox sh",
    ...busybox,
    args: ["sh", "-c", 'i=0; while [ $i -lt 5 ]; do echo "$i $((i*i))"; i=$((i+1)); done; exit 7'],
  },
  { name: "busybox ls -l", ...busybox, args: ["ls", "-l", "-n", "dir", "fruit.txt"], files },
  {
    name: "busybox awk",
    ...busybox,
    args: ["awk", "{ s += $2; print $1 } END { print s, s / NR }", "fruit.txt"],
    files,
  },
  { name: "busybox sed", ...busybox, args: ["sed", "-e", "s/\\(.\\)p/[\\1p]/g", "-e", "2d", "fruit.txt"], files },
  { name: "busybox grep", ...busybox, args: ["grep", "-n", "-E", "^ap|m ", "fruit.txt"], files },
  { name: "busybox sort", ...busybox, args: ["sort", "-k2", "-n", "fruit.txt"], files },
  { name: "busybox md5sum", ...busybox, args: ["md5sum", "fruit.txt", "dir/a"], files },
  { name: "busybox tar", ...busybox, args: ["tar", "-tvf", "-"], stdin: "archive", files },
  { name: "busybox gzip", ...busybox, args: ["gzip", "-c"], stdin: "sample", after: ["gzip", "-dc"] },
  { name: "ls", ...coreutils("ls"), args: ["-l", "-n", "-a", "dir"], files },
  { name: "sort", ...coreutils("sort"), args: ["-r", "fruit.txt"], files },
  { name: "wc", ...coreutils("wc"), args: ["fruit.txt", "dir/a", "dir/b"], files },
  { name: "sha256sum", ...coreutils("sha256sum"), args: ["-"], stdin: "sample" },
  { name: "cp and stat", ...coreutils("cp"), args: ["-v", "-r", "dir", "copy"], files },
  { name: "printf", ...coreutils("printf"), args: ["%5.2f|%-8s|%x\\n", "3.14159", "left", "255"] },
  { name: "seq", ...coreutils("seq"), args: ["-w", "1", "0.5", "5"] },
  { name: "expr", ...coreutils("expr"), args: ["6", "*", "7"] },
  { name: "false", ...coreutils("false"), args: [] },
  {
    name: "dash",
    source: "debian:dash/dash",
    native: "dash",
    args: ["-c", 'x=3; f() { echo "f $1 $x"; }; f a; case abc in a*) echo match;; esac; trap "echo bye" EXIT; exit 4'],
  },
  {
    name: "bash",
    source: "debian:bash/bash",
    native: "bash",
    args: [
      "-c",
      'i=2; echo $((i**40)) "$#"; printf "%s\\n" {a..e}; [[ abc =~ b(.) ]] && echo $BASH_REMATCH; while read -r l n; do echo "$n:$l"; done < fruit.txt',
    ],
    files,
  },
  {
    name: "lua",
    source: "debian:lua5.4/lua5.4",
    native: "lua5.4",
    args: [
      "-e",
      'local t={} for i=1,10 do t[#t+1]=i*i end print(table.concat(t,","), 7//2, 7/2, 2^53, math.pi) print(string.format("%q %5.1f", "a\\nb", 1/3)) print(pcall(error,"x"))',
    ],
  },
  {
    name: "luajit",
    source: "debian:luajit/luajit",
    native: "luajit",
    args: [
      "-e",
      "local s=0 for i=1,1e7 do s=s+i%7 end print(s) local t={} for i=1,200000 do t[i]=i*2 end local c=0 for _,v in ipairs(t) do c=c+v end print(c, bit.bxor(5,3))",
    ],
  },
  { name: "sqlite3", source: "debian:sqlite3", native: "sqlite3", args: [":memory:"], stdin: load },
  { name: "sqlite3 file", source: "debian:sqlite3", native: "sqlite3", args: ["db.sqlite"], stdin: load, files: {} },
  { name: "python3 -c", source: "debian:python3/python3", native: "python3", args: ["-c", "print('hello', 6*7)"] },
  {
    name: "python3 script",
    source: "debian:python3/python3",
    native: "python3",
    args: ["script.py"],
    files: { "script.py": python },
  },
  {
    name: "perl",
    source: "debian:perl/perl",
    native: "perl",
    args: [
      "-e",
      'my %h; $h{$_ % 7}++ for 1..1000; print join(",", map {"$_=$h{$_}"} sort keys %h), "\\n"; $_="The quick brown fox"; print ucfirst(lc), " ", tr/a-z//, " ", join("|", /(\\w+) (\\w+)/), "\\n"; printf "%.10g\\n", atan2(1,1)*4;',
    ],
  },
  {
    name: "jq",
    source: "debian:jq",
    native: "jq",
    args: ["-c", ".a[] | select(.n > 1) | {n, s: (.s | ascii_upcase)}"],
    stdin: '{"a":[{"n":1,"s":"x"},{"n":2,"s":"y"},{"n":3,"s":"z"}]}',
  },
  {
    name: "gawk",
    source: "debian:gawk",
    native: "gawk",
    args: [
      'BEGIN { PROCINFO["sorted_in"]="@ind_str_asc" } { c[substr($1,1,1)] += $2 } END { for (k in c) print k, c[k]; print strftime("%Y", 0, 1), length("abc"), toupper("x") }',
      "fruit.txt",
    ],
    files,
  },
  {
    name: "xz",
    source: "debian:xz-utils/xz",
    native: "xz",
    args: ["-1", "-T2", "-c"],
    stdin: "sample",
    after: ["xz", "-dc"],
  },
  {
    name: "zstd",
    source: "debian:zstd/zstd",
    native: "zstd",
    args: ["-q", "-c"],
    stdin: "sample",
    after: ["zstd", "-qdc"],
  },
  {
    name: "bzip2",
    source: "debian:bzip2/bzip2",
    native: "bzip2",
    args: ["-1", "-c"],
    stdin: "sample",
    after: ["bzip2", "-dc"],
  },
];

/**
 * Programs on a terminal: `typed` is [prompt, reply]… as test/guest/pty.c plays it; `\\w100x40` resizes the window. Where
 * `result` names a file, that is compared instead of the screen, whose control sequences depend on the version.
 */
export const terminalCases = [
  {
    name: "python3 Ctrl-C",
    source: "debian:python3/python3",
    native: "python3",
    args: [
      "-c",
      "import os, sys\nassert sys.stdin.isatty()\ntry:\n  os.write(1, b'ready\\n')\n  while True: pass\nexcept KeyboardInterrupt: print('interrupted')",
    ],
    typed: ["ready", "\\x03"],
  },
  {
    name: "python3 window size",
    source: "debian:python3/python3",
    native: "python3",
    args: [
      "-c",
      "import os, signal, time\nsizes = []\nsignal.signal(signal.SIGWINCH, lambda *_: sizes.append(os.get_terminal_size()))\nos.write(1, b'ready\\n')\nwhile not sizes: time.sleep(0.02)\nprint(sizes[0])",
    ],
    typed: ["ready", "\\w100x40"],
  },
  {
    name: "busybox vi",
    ...busybox,
    args: ["vi", "fruit.txt"],
    files,
    typed: ["pear 3", "Onew line\\x1b", "new line", "\\w100x40", "apricot", ":2d\\n", "plum", "Gp:wq\\n"],
    result: "fruit.txt",
  },
  {
    name: "dash line editing",
    source: "debian:dash/dash",
    native: "dash",
    args: ["-c", 'printf "name? "; read -r name; echo "hello $name"; exit 5'],
    typed: ["name? ", "wrong\\x15dru\\x7fupe\\n"],
  },
];

/** Debian packages of the native side. */
export const nativePackages = [
  "busybox-static",
  "bash",
  "dash",
  "coreutils",
  "lua5.4",
  "luajit",
  "sqlite3",
  "python3",
  "perl",
  "jq",
  "gawk",
  "xz-utils",
  "zstd",
  "bzip2",
];
