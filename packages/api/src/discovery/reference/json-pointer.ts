/** One step of a JSON pointer as it is written in a fragment (RFC 6901): `~0` is a tilde, `~1` a slash, `%xx` a byte. */
function step(text: string): string {
  let plain = text
  if (text.includes('%')) {
    try {
      plain = decodeURIComponent(text)
    } catch {
      // A bare percent sign is kept as it is: many documents hold one.
    }
  }
  return plain.replaceAll('~1', '/').replaceAll('~0', '~')
}

export function pointerSteps(fragment: string): string[] | undefined {
  if (fragment === '') return []
  return fragment.startsWith('/') ? fragment.slice(1).split('/').map(step) : undefined
}

/** `#/paths/~1pets/get` of its steps. */
export function pointerOf(...steps: readonly (string | number)[]): string {
  return `#${steps.map((one) => `/${String(one).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`
}

/** The value at the steps; own fields and list indexes only. */
export function valueAt(root: unknown, steps: readonly string[]): { readonly value: unknown } | undefined {
  let at = root
  for (const name of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    if (Array.isArray(at) && !/^\d+$/.test(name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return { value: at }
}
