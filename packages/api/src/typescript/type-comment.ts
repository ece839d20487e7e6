import type { FieldSchema } from '../json-schema/field-schema.ts'

const width = 110
const longest = 2_000

/** What a schema says about itself, as a JSDoc block with the given indentation; empty when it says nothing. */
export function commentOf(schema: FieldSchema, indentation: string): string {
  const { title, description, deprecated, default: fallback } = schema
  const help = schema['x-help']
  const texts = [title, description, help].filter(
    (text, index, all) => text !== undefined && all.indexOf(text) === index,
  )
  const lines = texts.flatMap((text) => prose(text as string))
  if (schema.format !== undefined && schema.format !== 'binary') lines.push(...prose(`Format: ${schema.format}.`))
  if (fallback !== undefined) lines.push(`@default ${safe(JSON.stringify(fallback)).slice(0, width)}`)
  if (deprecated === true) lines.push('@deprecated')
  const [only] = lines
  if (only === undefined) return ''
  if (lines.length === 1) return `${indentation}/** ${only} */\n`
  return `${indentation}/**\n${lines.map((line) => `${indentation} * ${line}\n`).join('')}${indentation} */\n`
}

/** Wrapped lines that can neither end the comment nor be read as tags of it. */
function prose(text: string): string[] {
  return text
    .slice(0, longest)
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .flatMap((line) => wrap(safe(line).trim()))
    .map((line) => line.replace(/^@/, '\\@'))
    .filter((line) => line !== '')
}

/** One line's text without what ends a comment, moves the cursor or turns the direction of reading. */
function safe(line: string): string {
  return line.replaceAll('*/', '*\\/').replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
}

function wrap(line: string): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(/\s+/)) {
    if (current !== '' && current.length + word.length >= width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}
