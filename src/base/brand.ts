/** Nominal types over primitives: a Pid is not a Signo, although both are numbers at run time. */

declare const brand: unique symbol;

/** `Base` that only `as` or a constructor function of its owner makes into the named type. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
