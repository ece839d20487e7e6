/** The name that was probably meant; undefined when none is near. Long names are not compared: they come from outside. */
export function nearestName(given: string, names: Iterable<string>): string | undefined {
  if (given.length > 60) return undefined
  const plain = given.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const name of names) {
    if (Math.abs(name.length - given.length) >= least) continue
    const distance = editDistance(plain, name.toLowerCase())
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

/** Levenshtein distance, in one row. */
function editDistance(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    let diagonal = row[0] as number
    row[0] = i
    for (let j = 1; j <= to.length; j++) {
      const above = row[j] as number
      const substituted = diagonal + (from[i - 1] === to[j - 1] ? 0 : 1)
      row[j] = Math.min(substituted, above + 1, (row[j - 1] as number) + 1)
      diagonal = above
    }
  }
  return row[to.length] as number
}
