import { path } from '@patchbay/core/http'
import { inputFault, manifestFault } from '../manifest-fault.ts'
import type { Values } from '../manifest-parts.ts'

type PathWriter = (values: Values) => string

/** What stands for a placeholder: the name of an input, or a fixed text. */
export type Placeholder = { readonly input: string } | { readonly text: string }

/**
 * Compiles `/incidents/{id}` to a closure. Each value becomes part of one segment, by core's `path` tag; an array becomes values with commas
 * between, each encoded.
 */
export function compilePath(
  template: string,
  find: (name: string) => Placeholder | undefined,
  where: string,
): PathWriter {
  if (!template.startsWith('/') || /[\s#\\?]|\/\/|\/\.{1,2}(?:\/|$)/.test(template))
    throw manifestFault(where, 'must be a path that starts with one slash, without dot segments')
  const literals: string[] = []
  const names: string[] = []
  let literal = ''
  let at = 0
  for (const match of template.matchAll(/\{([^{}]*)\}/g)) {
    literal += template.slice(at, match.index)
    at = match.index + match[0].length
    const found = find(match[1] as string)
    if (found === undefined)
      throw manifestFault(where, `names {${match[1]}}, for which there is no input with \`in: path\``)
    if ('text' in found) {
      literal += path`${found.text}`
      continue
    }
    literals.push(literal)
    names.push(found.input)
    literal = ''
  }
  const end = literal + template.slice(at)
  if (/[{}]/.test(end + literals.join(''))) throw manifestFault(where, 'has a brace that is never closed')
  if (names.length === 0) return () => end
  const parts = [...literals, end] as unknown as TemplateStringsArray
  if (names.length === 1) {
    const [name] = names as [string]
    const [before, after] = parts as unknown as [string, string]
    // One value is by far the commonest, and needs no array.
    return (values) => before + segment(values[name], name) + after
  }
  return (values) => {
    let text = parts[0] as string
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string
      text += segment(values[name], name) + (parts[index + 1] as string)
    }
    return text
  }
}

const plain = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/

/** Nearly every id is made of characters that stay as they are. */
function segment(value: unknown, name: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'string' && plain.test(value)) return value
  if (Array.isArray(value)) {
    if (value.length === 0) throw inputFault(name, 'must hold at least one value: it is part of the path')
    return value.map((one) => encoded(one, name)).join(',')
  }
  return encoded(value, name)
}

function encoded(value: unknown, name: string): string {
  if (value === undefined || value === null) throw inputFault(name, 'is missing: it is part of the path')
  return path`${value as string}`
}
