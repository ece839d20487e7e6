import { readFileSync } from 'node:fs'
import Ajv from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { manifestJsonSchema } from './manifest-json-schema.ts'

const fixture: unknown = parse(readFileSync(new URL('./fixtures/acme-desk.yaml', import.meta.url), 'utf8'))

test('the published schema is that of the format', async () => {
  const text = `${JSON.stringify(manifestJsonSchema(), null, 1)}\n`
  // When the format has changed: pnpm vitest run packages/api/src/manifest -u
  await expect(text).toMatchFileSnapshot('../../manifest.schema.json')
})

test('another validator says the same about it', () => {
  const ajv = new Ajv.default({ strict: false, allErrors: true })
  formats.default(ajv)
  const validate = ajv.compile(manifestJsonSchema())
  validate(fixture)
  expect(validate.errors).toBeNull()
  for (const change of [{ summry: 'x' }, { format: 2 }, { limits: { budget: [] } }, { operations: { list: {} } }])
    expect(validate({ ...(fixture as object), ...change }), JSON.stringify(change)).toBe(false)
})
