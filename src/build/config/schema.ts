/** What drupe.yaml may say. */
import * as v from "valibot";

const words = v.array(v.string());

/** A command line: a list, or a string that is split at spaces, as in a Kraftfile. */
const command = v.union([v.string(), words]);

/** Variables: a map, or a list of NAME=VALUE. */
export const environment = v.union([v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), words]);

const volume = v.union([
  v.string(),
  v.strictObject({
    source: v.string(),
    destination: v.string(),
    readOnly: v.optional(v.boolean()),
    driver: v.optional(v.string()),
  }),
]);

const libraries = v.union([
  v.string(),
  words,
  v.strictObject({
    from: v.optional(v.union([v.string(), words])),
    with: v.optional(words),
    without: v.optional(words),
  }),
]);

export const drupeSchema = v.strictObject({
  name: v.optional(v.string()),
  /** A program, a directory, a tar archive, or debian:PACKAGE[/COMMAND]. */
  root: v.string(),
  cmd: v.optional(command),
  env: v.optional(environment),
  workdir: v.optional(v.string()),
  libraries: v.optional(libraries),
  runtime: v.optional(v.picklist(["full", "interpret", "none"])),
  ahead: v.optional(v.picklist(["all", "startup", "none"])),
  policy: v.optional(v.picklist(["null", "paged"])),
  /** Runs to be recorded: lists of arguments; false for none. */
  profile: v.optional(v.union([v.literal(false), v.array(words)])),
  /** Whether a start goes through all that the program does, or takes up where a recorded run first reached outside. */
  start: v.optional(v.picklist(["whole", "recorded"])),
  profileSeconds: v.optional(v.pipe(v.number(), v.minValue(1))),
  files: v.optional(v.picklist(["all", "needed"])),
  include: v.optional(words),
  compress: v.optional(v.picklist(["none", "fast", "best"])),
  volumes: v.optional(v.array(volume)),
  /** Ports to publish where the image is run as a script: HOST:GUEST, or ADDRESS:HOST:GUEST. */
  ports: v.optional(v.array(v.union([v.string(), v.number()]))),
  labels: v.optional(v.record(v.string(), v.string())),
  hostname: v.optional(v.string()),
  /** Such as 512m. */
  memory: v.optional(v.union([v.string(), v.number()])),
  /** Whether the image can print system calls. */
  strace: v.optional(v.boolean()),
});

export type DrupeConfig = v.InferOutput<typeof drupeSchema>;

/** Kraftfile, version 0.6: what is not about building Unikraft itself. */
export const kraftSchema = v.looseObject({
  spec: v.picklist(["v0.6", "0.6"]),
  name: v.optional(v.string()),
  cmd: v.optional(command),
  env: v.optional(environment),
  rootfs: v.optional(v.union([v.string(), v.looseObject({ source: v.string(), format: v.optional(v.string()) })])),
  volumes: v.optional(v.array(volume)),
  labels: v.optional(v.record(v.string(), v.string())),
});

export type Kraftfile = v.InferOutput<typeof kraftSchema>;
