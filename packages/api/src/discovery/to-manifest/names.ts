/** Words of a name in any spelling: `listPets`, `list_pets`, `list-pets`, `ListPETs`; accents are taken off, other scripts left out. */
export function wordsOf(name: string): string[] {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== '')
}

const longest = 60

/** `listPets`; `fallback` when nothing is left, `x` in front of a digit. */
export function camelOf(words: readonly string[], fallback: string): string {
  const text = words
    .map((word, at) => (at === 0 ? word.toLowerCase() : `${word[0]?.toUpperCase()}${word.slice(1).toLowerCase()}`))
    .join('')
    .slice(0, longest)
  if (text === '') return fallback
  return /^[a-z]/.test(text) ? text : `x${text}`
}

/** `PetList`. */
export function pascalOf(words: readonly string[], fallback: string): string {
  const text = words
    .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join('')
    .slice(0, 80)
  if (text === '') return fallback
  return /^[A-Z]/.test(text) ? text : `X${text}`
}

/** `pet-store`. */
export function kebabOf(words: readonly string[], fallback: string): string {
  const text = words
    .map((word) => word.toLowerCase())
    .join('-')
    .slice(0, longest)
    .replace(/-$/, '')
  if (text === '') return fallback
  return /^[a-z]/.test(text) ? text : `x-${text}`
}

const noPlural =
  /(?:ss|us|is|news|series|status|analytics|metadata|kubernetes|redis|dns|https|tls|alias|atlas|canvas|os|ios|aws|sms|gps|rss|css|vps|nfs|dkms|kms|sns|sqs)$/

/** `policies` to `policy`, `addresses` to `address`; words that are no plural stay. */
export function singular(word: string): string {
  const lower = word.toLowerCase()
  if (lower.length < 4 || noPlural.test(lower)) return word
  if (lower.endsWith('ies') && lower.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:sses|shes|xes|zzes|[trpn]uses|aliases)$/.test(lower)) return word.slice(0, -2)
  if (/ches$/.test(lower) && !/(?:caches|niches|headaches)$/.test(lower)) return word.slice(0, -2)
  return lower.endsWith('s') ? word.slice(0, -1) : word
}

export function isPlural(word: string): boolean {
  return singular(word) !== word
}

/** A name that is not taken yet: with the lowest number behind it that is free. */
export function freeName(name: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(name)) return name
  for (let number = 2; ; number++) {
    if (!taken.has(`${name}${number}`)) return `${name}${number}`
  }
}
