import { ENOENT, Errno } from "../../abi/errno.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";

/** Goes on with what an answer brings, at once if it is there; errors pass through. */
export function chain<T, U>(answer: Answer<T>, next: (value: T) => Answer<U>): Answer<U> {
  if (isBlocking(answer)) return chainBlocking(answer, next);
  return answer instanceof Errno ? answer : next(answer);
}

function* chainBlocking<T, U>(answer: Blocking<T>, next: (value: T) => Answer<U>): Blocking<U> {
  const value = yield* answer;
  if (value instanceof Errno) return value;
  const then = next(value);
  return isBlocking(then) ? yield* then : then;
}

/** Takes ENOENT for an answer: there is nothing of that name. */
export function orAbsent<T>(answer: Answer<T>): Answer<T | undefined> {
  if (isBlocking(answer)) return orAbsentBlocking(answer);
  return answer === ENOENT ? undefined : answer;
}

function* orAbsentBlocking<T>(answer: Blocking<T>): Blocking<T | undefined> {
  const value = yield* answer;
  return value === ENOENT ? undefined : value;
}
