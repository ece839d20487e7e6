import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormatsModule from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { compileMapping } from '../compile-mapping.ts'
import { examples } from '../fixtures/examples.ts'
import type { Model } from '../model.ts'
import { type ModelId, models } from './index.ts'

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void
const ajv = new Ajv2020({ strict: true, allErrors: true, strictRequired: false })
addFormats(ajv)

type Json = Record<string, unknown>

/** Every object schema inside, with its path. */
function objectsIn(schema: unknown, path = ''): [string, Json][] {
  if (typeof schema !== 'object' || schema === null) return []
  const here: [string, Json][] =
    (schema as Json).type === 'object' && 'properties' in schema ? [[path, schema as Json]] : []
  return [...here, ...Object.entries(schema).flatMap(([key, part]) => objectsIn(part, `${path}/${key}`))]
}

describe.each(Object.entries(models) as [ModelId, Model][])('%s', (id, model) => {
  const validate = ajv.compile(model.schema)
  const example = examples[id]

  test('names itself, its version and its source', () => {
    expect(model.id).toBe(id)
    expect(model.schema.$id).toBe(`urn:patchbay:model:${id}:${model.version}`)
    expect(model.title).not.toBe('')
  })

  test('is a closed world', () => {
    const objects = objectsIn(model.schema)
    expect(objects.length).toBeGreaterThan(0)
    for (const [path, schema] of objects) {
      expect(schema.additionalProperties, path).toBe(false)
      for (const name of (schema.required ?? []) as string[])
        expect(schema.properties, `${path} ${name}`).toHaveProperty([name])
    }
    expect(validate({ ...example, surprise: 1 })).toBe(false)
    expect(validate.errors?.map(({ keyword }) => keyword)).toContain('additionalProperties')
  })

  test('takes its example, and not without any of its required fields', () => {
    expect(validate(example), JSON.stringify(validate.errors)).toBe(true)
    const required = model.schema.required as string[]
    expect(required.length).toBeGreaterThan(0)
    for (const name of required) {
      const { [name]: _, ...without } = example as Json
      expect(validate(without), name).toBe(false)
    }
  })

  test('refuses words and codes outside of its vocabularies', () => {
    const properties = model.schema.properties as Record<string, Json>
    const closed = Object.entries(properties).filter(([, schema]) => Array.isArray(schema.enum))
    for (const [name, schema] of closed) {
      const wrong = schema.type === 'integer' ? 12_345 : 'no such word'
      expect(validate({ ...example, [name]: wrong }), name).toBe(false)
    }
  })
})

test('mappings to SCIM and OCSF give what their schemas accept', () => {
  const user = compileMapping(
    {
      model: 'scim-user',
      fields: {
        schemas: { constant: ['urn:ietf:params:scim:schemas:core:2.0:User'] },
        id: 'id',
        userName: 'profile.login',
        active: { from: 'status', table: { ACTIVE: true, STAGED: true }, default: false },
        emails: {
          list: {
            from: '[profile]',
            each: { object: { value: 'email', type: { constant: 'work' }, primary: { constant: true } } },
          },
        },
        meta: { object: { resourceType: { constant: 'User' }, created: { from: 'created', date: { unit: 'iso' } } } },
      },
    },
    { target: models['scim-user'] },
  )
  const mapped = user.map({
    id: '1',
    status: 'ACTIVE',
    created: '2026-03-01T10:00:00Z',
    profile: { login: 'ada', email: 'ada@example.com' },
  })
  expect(ajv.validate(models['scim-user'].schema.$id as string, mapped), JSON.stringify(ajv.errors)).toBe(true)
  expect(mapped).toMatchObject({ active: true, emails: [{ value: 'ada@example.com' }] })

  const finding = compileMapping(
    {
      fields: {
        class_uid: { constant: 2004 },
        category_uid: { constant: 2 },
        activity_id: { constant: 1 },
        type_uid: { constant: 200_401 },
        severity_id: { from: 'severity', table: { low: 2, medium: 3, high: 4, critical: 5 }, default: 99 },
        time: { from: 'at', date: { unit: 'iso', to: 'ms' } },
        metadata: {
          object: { version: { constant: '1.8.0' }, product: { object: { vendor_name: { constant: 'Example' } } } },
        },
        finding_info: { object: { uid: 'id', title: 'title' } },
      },
      raw: 'unmapped',
    },
    { target: models['ocsf-2004'] },
  )
  const event = finding.map({ id: 'a', title: 'Odd', severity: 'high', at: '2026-03-01T10:00:00Z', more: 1 })
  expect(ajv.validate(models['ocsf-2004'].schema.$id as string, event), JSON.stringify(ajv.errors)).toBe(true)
  expect(event).toMatchObject({ severity_id: 4, time: 1_772_359_200_000, unmapped: { more: 1 } })
})

test('the guide has every field of our own models', () => {
  const guide = readFileSync(new URL('../../../../../docs/guide/models.md', import.meta.url), 'utf8')
  for (const id of ['ticket', 'incident', 'asset', 'change', 'deployment'] as const) {
    const [, section = ''] = guide.split(`\n## ${models[id].title}\n`)
    const [table = ''] = section.split('\n## ')
    const documented = [...table.matchAll(/^\| `([A-Za-z]+)`(?:,? required)? \|/gm)].map(([, name]) => name)
    expect(documented, id).toEqual(Object.keys(models[id].schema.properties as Json))
    for (const schema of Object.values(models[id].schema.properties as Record<string, Json>)) {
      for (const word of (schema.enum ?? []) as string[]) expect(table, `${id} ${word}`).toContain(`\`${word}\``)
    }
  }
})
