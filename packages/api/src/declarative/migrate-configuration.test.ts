import { describe, expect, test } from 'vitest'
import { smallManifest } from './fixtures/small-manifest.ts'
import { migrateConfiguration } from './migrate-configuration.ts'

const manifest = smallManifest({
  connection: 3,
  migrations: [
    {
      from: 1,
      to: 2,
      steps: [
        { rename: { from: 'apiHost', to: 'server.region' } },
        { table: { path: 'server.region', values: { 'eu1.acme.example': 'eu', 'us1.acme.example': 'us' } } },
        { default: { path: 'size', value: 50 } },
        { split: { path: 'login', at: '/', into: ['account', 'user'] } },
      ],
    },
    { from: 2, to: 3, steps: [{ drop: { path: 'legacy', acknowledge: 'The old key is gone.' } }] },
  ],
})
const old = { apiHost: 'eu1.acme.example', login: 'acme/ann', legacy: 'k', other: 1 }
const next = { server: { region: 'eu' }, size: 50, account: 'acme', user: 'ann', other: 1 }

describe('migrateConfiguration', () => {
  test('takes every step up to the present version, and leaves the given object as it is', () => {
    const given = structuredClone(old)
    expect(migrateConfiguration(manifest, given, 1, { acknowledged: ['legacy'] })).toEqual(next)
    expect(given).toEqual(old)
    expect(migrateConfiguration(manifest, next, 3)).toEqual(next)
  })

  test('drops nothing that nobody has agreed to lose', () => {
    expect(() => migrateConfiguration(manifest, old, 1)).toThrow(/legacy: would be lost: The old key is gone/)
    const { legacy: _, ...without } = old
    expect(migrateConfiguration(manifest, without, 1)).toEqual(next)
  })

  test('goes back where that can be done', () => {
    const second = migrateConfiguration(manifest, old, 1, { to: 2 })
    expect(migrateConfiguration(manifest, second, 2, { to: 1 })).toEqual({ ...old, size: 50, server: {} })
    expect(() => migrateConfiguration(manifest, next, 3, { to: 2 })).toThrow('cannot be brought back')
  })

  test.each([
    [{ apiHost: 'mars.acme.example' }, 'server.region: has a value that the migration does not know'],
    [{ login: 'a/b/c' }, 'login: cannot be split into 2 parts'],
  ])('refuses what it does not understand: %j', (config, message) => {
    expect(() => migrateConfiguration(manifest, config, 1)).toThrow(message)
  })

  test('says when there is no way', () => {
    expect(() => migrateConfiguration(manifest, {}, 7)).toThrow('there is no migration from version 7')
    expect(() => migrateConfiguration(manifest, {}, 0)).toThrow('there is no migration')
  })

  test('writes own properties, whatever their names', () => {
    const hostile = smallManifest({
      connection: 2,
      migrations: [{ from: 1, to: 2, steps: [{ rename: { from: 'a', to: '__proto__.polluted' } }] }],
    })
    migrateConfiguration(hostile, { a: 'x' }, 1)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
