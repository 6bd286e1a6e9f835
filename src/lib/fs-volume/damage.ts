/** Why the bytes of a store are no volume that can be used; part of a sentence. */
export class Damage {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}
