/** What went wrong so far, one line each: a benchmark goes on without the contestant that failed, and ends with status 1. */
export const failures = /** @type {string[]} */ ([]);

/**
 * Awaits a measurement; answers undefined, and keeps the message, if it fails.
 * @template T
 * @param {string} label
 * @param {Promise<T>} measurement
 * @returns {Promise<T | undefined>}
 */
export async function attempt(label, measurement) {
  try {
    return await measurement;
  } catch (error) {
    const message = `${label}: ${error instanceof Error ? error.message : error}`;
    console.error(message);
    failures.push(message);
    return undefined;
  }
}
