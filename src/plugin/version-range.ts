/**
 * Version ranges of `….plugin.version`, as Maven writes them: `1.2` means that version and no other here, `[1.0,2.0)`
 * an interval with an end that is included or not, several intervals are separated by commas.
 */

/** Whether a version lies in a range. */
export function versionMatches(version: string, range: string): boolean {
  if (!/^[[(]/.test(range)) return range === version
  return [...range.matchAll(/([[(])([^,\])]*)(,?)([^\])]*)([\])])/g)].some(
    ([, open, low, comma, high, close]) => {
      if (comma === '') return low === version
      const above = low === '' || after(version, low ?? '', open === '[')
      const below = high === '' || after(high ?? '', version, close === ']')
      return above && below
    },
  )
}

function after(a: string, b: string, orEqual: boolean): boolean {
  const left = a.split(/[.-]/)
  const right = b.split(/[.-]/)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i] ?? '0'
    const y = right[i] ?? '0'
    if (x === y) continue
    return /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) > Number(y) : x > y
  }
  return orEqual
}
