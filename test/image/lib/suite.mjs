/** @type {{ name: string, body: () => unknown }[]} */
const tests = [];

/**
 * Declares a test.
 * @param {string} name
 * @param {() => unknown} body
 */
export function test(name, body) {
  tests.push({ name, body });
}

/**
 * Runs the tests whose names contain one of the patterns, all if there is none.
 * @param {string[]} patterns
 */
export async function run(patterns) {
  let passed = 0;
  let failed = 0;
  for (const { name, body } of tests) {
    if (patterns.length > 0 && !patterns.some((pattern) => name.includes(pattern))) continue;
    try {
      await body();
      passed++;
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}\n${error instanceof Error ? error.stack : error}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
