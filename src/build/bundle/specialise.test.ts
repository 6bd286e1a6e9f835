import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownNumbers } from "./known-numbers.ts";
import { liveNames } from "./live-names.ts";
import { ownNames } from "./own-names.ts";
import { applyEdits, parseModule } from "./syntax.ts";
import { unaskedMembers } from "./unasked-members.ts";

/** A program without the members that nothing in it asks for. */
function withoutUnasked(text: string): string {
  const program = parseModule(text);
  const live = liveNames(program);
  const left = applyEdits(
    text,
    unaskedMembers(program, (name) => live.has(name)),
  );
  return left.replace(/\s+/g, " ").trim();
}

test("members that only each other ask for are left out", () => {
  const program = `
    class A { used() {} one() { this.other(); } other() { this.one(); } get size() { return 1; } }
    new A().used();`;
  assert.equal(withoutUnasked(program), "class A { used() {} } new A().used();");
});

test("a member lives when a living function, a pattern or a text names it", () => {
  const program = `
    class A { called() {} taken() {} named() {} set value(v) {} dead() {} }
    function never() { new A().dead(); }
    function always(a) { const { taken } = a; a.value = 1; return a["named"]; }
    always(new A()).called();`;
  assert.match(withoutUnasked(program), /called\(\) {} taken\(\) {} named\(\) {} set value\(v\) {} }/);
});

test("what happens when the program is loaded lives; a constant that only is made does not", () => {
  const program = `
    class A { early() {} late() {} }
    var a = make();
    var b = (() => new A().late())();
    function make() { return new A().early(); }`;
  assert.match(withoutUnasked(program), /class A { early\(\) {} }/);
});

test("constructors and what the language asks for stay", () => {
  const program = "class A { constructor() {} toString() { return ''; } *[Symbol.iterator]() {} } new A();";
  assert.equal(withoutUnasked(program), program);
});

test("what declarations tell printers is left out where nobody prints", () => {
  const program = `
    const call = { name: "getpid", support: "full", run: () => 1, format: (v) => v };
    call.run(call.name);`;
  assert.equal(withoutUnasked(program), 'const call = { name: "getpid", run: () => 1, }; call.run(call.name);');
  assert.match(withoutUnasked(`${program} print(call.format);`), /format/);
});

test("names that objects of own classes ask only themselves for", () => {
  const program = parseModule(`
    class A {
      own; apart; literal; foreign; text; public;
      static of() {}
      run(other) {
        const { apart } = this;
        this.own = { literal: 1 };
        return [apart, this.literal, this.foreign, this.text, "text", other.foreign, A.of];
      }
    }
    class B extends A { more() { return this.public; } }
    class C extends Error { known() { return this.known; } }
    console.log(new A().run());`);
  assert.deepEqual([...ownNames(program)], ["own", "apart", "more"]);
});

test("numbers stand for constants of tables, across modules", () => {
  const tables = `
    import { PAGE } from "./page.js";
    export const PROT = { READ: 1, WRITE: 1 << 1, NEXT: PAGE + 1, LOW: -1, OTHER: f() };`;
  const user = `
    import { PROT as P } from "../abi/mman.js";
    use(P.READ | P.WRITE, P.NEXT, P.LOW, P.OTHER, P.MISSING, local.READ, P.READ.toString());`;
  const modules = new Map([
    ["abi/page.js", parseModule("export const PAGE = 4096;")],
    ["abi/mman.js", parseModule(tables)],
    ["lib/user.js", parseModule(user)],
  ]);
  const changed = applyEdits(user, new KnownNumbers(modules).edits("lib/user.js"));
  assert.match(changed, /use\(\(1\) \| \(2\), \(4097\), \(-1\), P.OTHER, P.MISSING, local.READ, \(1\).toString\(\)\)/);
});
