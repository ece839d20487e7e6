import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { checkManifest } from './check-manifest.ts'

const fixture = readFileSync(new URL('./fixtures/acme-desk.yaml', import.meta.url), 'utf8')
const runs = 150

/** Every issue tells a place in the text, what is wrong and what to do. */
async function soundly(text: string): Promise<void> {
  const lines = text.split('\n').length
  const { issues, manifest, valid } = await checkManifest(text)
  if (manifest === undefined) expect(issues.length).toBeGreaterThan(0)
  expect(valid).toBe(manifest !== undefined && issues.every(({ level }) => level === 'warning'))
  for (const { line = 0, column = 0, message, remedy } of issues) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines)
    expect(column).toBeGreaterThanOrEqual(1)
    expect(message).toMatch(/\.$/)
    expect(remedy).not.toBe('')
  }
}

test('a manifest with texts cut out and put in anywhere throws nothing', async () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '!!',
      '\t',
      '\n',
      ': ',
      '- ',
      '__proto__',
      '"',
      "'",
      '|',
      '%',
      '\u0000',
      'null',
      '1e999',
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.nat(fixture.length), fc.nat(12), piece, async (at, length, put) => {
      await soundly(fixture.slice(0, at) + put + fixture.slice(at + length))
    }),
    { numRuns: runs },
  )
})

interface Slot {
  readonly owner: Record<string, unknown> | unknown[]
  readonly key: string | number
}

function slotsOf(value: unknown): Slot[] {
  if (typeof value !== 'object' || value === null) return []
  const owner = value as Record<string, unknown>
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return keys.flatMap((key) => [{ owner, key }, ...slotsOf(owner[key as string])])
}

test('a manifest with values replaced, moved and removed throws nothing', async () => {
  const count = slotsOf(parse(fixture)).length
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'toString',
      'constructor',
      '__proto__',
      '{toString}',
      'GET /{constructor}',
      '@',
      '#/schemas/Ticket',
      'a'.repeat(5000),
      -1,
      1e308,
    ),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.nat(count - 1),
      fc.nat(count - 1),
      fc.constantFrom('put', 'copy', 'drop', 'rename'),
      odd,
      async (to, from, how, value) => {
        const manifest: unknown = parse(fixture)
        const slots = slotsOf(manifest)
        const [target, source] = [slots[to], slots[from]]
        if (target === undefined || source === undefined) throw new Error('no such slot')
        const owner = target.owner as Record<string, unknown>
        if (how === 'put') owner[target.key] = value
        else if (how === 'copy')
          owner[target.key] = structuredClone((source.owner as Record<string, unknown>)[source.key])
        else if (how === 'drop' && !Array.isArray(owner)) delete owner[target.key]
        else if (!Array.isArray(owner)) {
          Object.defineProperty(owner, typeof value === 'string' ? value : JSON.stringify(value), {
            value: owner[target.key],
            enumerable: true,
            configurable: true,
            writable: true,
          })
          delete owner[target.key]
        }
        await soundly(stringify(manifest, { aliasDuplicateObjects: false }))
      },
    ),
    { numRuns: runs },
  )
})

test('JSON is read as well, with tabs, and prototype keys are keys like others', async () => {
  const text = JSON.stringify(parse(fixture), undefined, '\t')
  expect(await checkManifest(text)).toMatchObject({ valid: true })
  const { issues } = await checkManifest(text.replace('"format"', '"__proto__": {"x": 1},\n\t"format"'))
  expect(issues).toMatchObject([{ code: 'unknown-key', line: 2, column: 2 }])
})

test('aliases are bounded, and so are depth and size', async () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`)}]`),
  ]
  for (const text of [
    bomb.join('\n'),
    '&a [*a]',
    `a: ${'['.repeat(100_000)}`,
    `${'- '.repeat(3000)}x`,
    'x'.repeat(2_200_000),
    `{${'a: 1,'.repeat(200_000)}}`,
  ]) {
    // Of the processor, not of the wall: the machine may be busy.
    const started = process.cpuUsage()
    const { valid, issues } = await checkManifest(text)
    expect(valid).toBe(false)
    expect(issues.length).toBeLessThanOrEqual(200)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(5000)
  }
})
