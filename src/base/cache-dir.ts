/** Where what can be made again is kept: DRUPE_CACHE, else drupe below XDG_CACHE_HOME (XDG Base Directory), else below ~/.cache. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.DRUPE_CACHE) return env.DRUPE_CACHE;
  // The specification tells to ignore a relative path.
  const base = env.XDG_CACHE_HOME?.startsWith("/") ? env.XDG_CACHE_HOME : `${home}/.cache`;
  return `${base}/drupe`;
}
