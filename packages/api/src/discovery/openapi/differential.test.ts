import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { dereference } from '@readme/openapi-parser'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDescription } from '../index.ts'
import { openApiReader } from './openapi-reader.ts'

interface Parsed {
  readonly paths: Record<
    string,
    Record<string, { operationId?: string; parameters?: readonly Parameter[] }> & { parameters?: readonly Parameter[] }
  >
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace']

/** What another parser makes of the document, in the same words. */
async function theirs(text: string): Promise<string[]> {
  const { paths } = (await dereference(text.startsWith('{') ? JSON.parse(text) : parse(text))) as unknown as Parsed
  const lines: string[] = []
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods) {
      const operation = item[method]
      if (operation === undefined) continue
      const all = new Map(
        [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => [`${one.in} ${one.name}`, one]),
      )
      const required = [...all.values()].filter((one) => one.required === true && !/^(?:body|formData)$/.test(one.in))
      const written = required.filter(
        (one) => !(one.in === 'header' && /^(?:accept|content-type|authorization)$/i.test(one.name)),
      )
      lines.push(line(`${method.toUpperCase()} ${path}`, operation.operationId, written))
    }
  }
  return lines.sort()
}

async function ours(text: string): Promise<string[]> {
  const { operations } = await readDescription({ text }, { readers: [openApiReader] })
  return operations
    .map(({ key, id, parameters }) =>
      line(
        key,
        id,
        parameters.filter(({ required }) => required),
      ),
    )
    .sort()
}

function line(key: string, id: string | undefined, required: readonly Parameter[]): string {
  return `${key} ${id ?? '-'} ${required
    .map((one) => `${one.in}:${one.name}`)
    .sort()
    .join(',')}`
}

/** A file of a package that is a development dependency. */
function installed(manifest: string, path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(manifest)), path)
}

const documents: readonly (readonly [string, string])[] = [
  ['Swagger 2.0 of our own', join(import.meta.dirname, '../fixtures/petstore-2-0.yaml')],
  ["GitHub's, 13 MB", installed('@octokit/openapi/package.json', 'generated/api.github.com.json')],
]

describe('operations and required parameters are those that another parser finds', () => {
  test.each(documents)('%s', async (_, file) => {
    const text = readFileSync(file, 'utf8')
    const found = await ours(text)
    expect(found.length).toBeGreaterThan(2)
    expect(found).toEqual(await theirs(text))
  })
})

test('13 MB become a model in 3 seconds of processor time', async () => {
  const file = installed('@octokit/openapi/package.json', 'generated/api.github.com.json')
  const started = process.cpuUsage()
  const model = await readDescription({ file })
  const { user, system } = process.cpuUsage(started)
  expect(model.operations.length).toBeGreaterThan(1000)
  expect((user + system) / 1_000_000).toBeLessThan(3)
})
