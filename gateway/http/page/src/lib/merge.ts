function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x)
}

/**
 * JSON Merge Patch (RFC 7396). Leaves `target` as it is; parts that did not change are shared with
 * it, so that what hangs on one queue needs work only when that queue changed.
 */
export function mergePatch<T>(target: unknown, patch: unknown): T {
  if (!isObject(patch)) return patch as T
  const out: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, item] of Object.entries(patch)) {
    if (item === null) delete out[key]
    else if (key === '__proto__') continue
    else out[key] = mergePatch(out[key], item)
  }
  return out as T
}
