import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkManifest, type IntegrationManifest } from '@patchbay/api/manifest'
import { connect, isPatchbayError, systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import { fakeTransport } from '@patchbay/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alertmanager } from '../generated/alertmanager.ts'
import { pagerduty } from '../generated/pagerduty.ts'
import { canonicalJson } from './canonical-json.ts'
import {
  addressFiles,
  type BuildIndexOptions,
  buildIndex,
  givenFiles,
  indexFile,
  loadBundle,
  noteFile,
  readIndex,
  revocationOf,
  signIndex,
  verifierKeyOf,
} from './index.ts'

const pem = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const secret = pem()
const name = 'acme.example/integrations'
const signer = { name: 'acme.example/2026', pem: secret }
const key = verifierKeyOf(signer.name, secret)
const manifest = pagerduty.declared
const desk: IntegrationManifest = { ...manifest, id: 'acme-desk', product: 'Acme Desk', aliases: ['desk'] }
const options: BuildIndexOptions = { name, number: 7, evidence: { pagerduty: 'E1' } }

type Files = Map<string, Uint8Array>

function signed(manifests = [manifest, desk], more: Partial<BuildIndexOptions> = {}, by = [signer]): Files {
  const { files } = buildIndex(manifests, { ...options, ...more })
  return seal(new Map(files), by)
}

function seal(files: Files, by = [signer]): Files {
  for (const one of by) {
    const index = files.get(indexFile) as Uint8Array
    files.set(noteFile, Buffer.from(signIndex(index, { ...one, before: files.get(noteFile) })))
  }
  return files
}

/** The files with another index, signed as well: for signers that go wrong. */
function reindexed(change: (index: { integrations: Record<string, unknown>[] }) => void): Files {
  const files = signed()
  const index = JSON.parse(Buffer.from(files.get(indexFile) as Uint8Array).toString())
  change(index)
  files.set(indexFile, Buffer.from(`${canonicalJson(index)}\n`))
  files.delete(noteFile)
  return seal(files)
}

const read = (files: Files, more: object = {}) =>
  readIndex(files.get(indexFile) as Uint8Array, { keys: [key], note: files.get(noteFile) as Uint8Array, ...more })
const failure = async (run: () => unknown): Promise<{ code?: string | undefined; message: string }> => {
  try {
    await run()
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the index', () => {
  test('tells what the manifests say, in the same bytes each time', () => {
    const files = signed()
    expect([...signed([desk, manifest])]).toEqual([...files])
    const index = read(files)
    expect(index).toMatchObject({ name, number: 7, revoked: [], signedBy: [signer.name] })
    expect(index.integrations.map(({ id }) => id)).toEqual(['acme-desk', 'pagerduty'])
    expect(index.integrations[1]).toMatchObject({
      product: 'PagerDuty',
      category: 'it-operations',
      connectionVersion: 1,
      operations: Object.keys(manifest.operations).length,
      credentials: [...new Set(manifest.credentials.map(({ scheme }) => scheme))].sort(),
      hosts: expect.arrayContaining(['api.eu.pagerduty.com', 'api.pagerduty.com']),
      evidence: 'E1',
    })
    expect(index.integrations[0]?.evidence).toBeUndefined()
  })

  test('the order of keys in a manifest changes nothing, any value does', () => {
    const turned = Object.fromEntries(Object.entries(manifest).reverse()) as IntegrationManifest
    const hash = (one: IntegrationManifest) => read(signed([one])).integrations[0]?.sha256
    expect(hash(turned)).toBe(hash(manifest))
    expect(hash({ ...manifest, $schema: 'elsewhere.json' })).toBe(hash(manifest))
    expect(hash({ ...manifest, summary: 'Another one.' })).not.toBe(hash(manifest))
  })

  test('every altered byte of it is refused', async () => {
    const files = signed()
    const index = Buffer.from(files.get(indexFile) as Uint8Array)
    for (let at = 0; at < index.length; at += 7) {
      const altered = Buffer.from(index)
      altered[at] = (altered[at] as number) ^ 1
      const { code, message } = await failure(() => read(new Map([...files, [indexFile, altered]])))
      expect([code, message.includes(indexFile)], `byte ${at}`).toEqual(['index-signature', true])
    }
    const note = Buffer.from(files.get(noteFile) as Uint8Array)
    for (let at = 0; at < note.length; at++) {
      const altered = Buffer.from(note)
      altered[at] = (altered[at] as number) ^ 1
      const { code } = await failure(() => read(new Map([...files, [noteFile, altered]])))
      expect(code, `byte ${at} of the note`).toBe('index-signature')
    }
  })

  test('an older index is refused, and another one of the same number', async () => {
    const seven = read(signed())
    expect(read(signed(), { seen: seven }).number).toBe(7)
    expect(read(signed(undefined, { number: 8 }), { seen: seven }).number).toBe(8)
    const older = signed(undefined, { number: 6 })
    expect((await failure(() => read(older, { seen: seven }))).code).toBe('index-rollback')
    expect((await failure(() => read(signed([manifest]), { seen: seven }))).code).toBe('index-rollback')
    const foreign = signed(undefined, { name: 'other.example/integrations', number: 9 })
    expect((await failure(() => read(foreign, { seen: seven }))).message).toContain('other.example/integrations')
    expect((await failure(() => read(foreign, { name }))).code).toBe('index-signature')
  })

  test('keys rotate', async () => {
    const next = { name: 'acme.example/2027', pem: pem() }
    const nextKey = verifierKeyOf(next.name, next.pem)
    const both = signed(undefined, {}, [signer, next])
    expect(read(both).signedBy).toEqual([signer.name])
    expect(read(both, { keys: [nextKey] }).signedBy).toEqual([next.name])
    expect(read(both, { keys: [key, nextKey], signatures: 2 }).signedBy).toHaveLength(2)
    expect((await failure(() => read(signed(), { keys: [key, nextKey], signatures: 2 }))).code).toBe('index-signature')
    expect((await failure(() => read(both, { keys: [key, key], signatures: 2 }))).code).toBe('index-signature')
    expect((await failure(() => read(signed(), { keys: [nextKey] }))).message).toContain('none of the 1 trusted keys')
    expect((await failure(() => read(signed(), { keys: [] }))).code).toBe('index-signature')
    const given = [{ key, until: 7 }]
    expect(read(signed(), { keys: given }).number).toBe(7)
    expect((await failure(() => read(signed(undefined, { number: 8 }), { keys: given }))).code).toBe('index-signature')
    expect((await failure(() => read(signed(), { keys: [{ key, from: 8 }] }))).code).toBe('index-signature')
  })

  test('the same key under two names is one', async () => {
    const alias = { name: 'alias.example', pem: secret }
    const files = signed(undefined, {}, [signer, alias])
    const keys = [key, verifierKeyOf(alias.name, secret)]
    expect((await failure(() => read(files, { keys, signatures: 2 }))).code).toBe('index-signature')
  })

  test.each([
    ['another format', { format: 'patchbay-catalog-index/2' }],
    ['a number below one', { number: 0 }],
    ['no list', { integrations: {} }],
    ['a path for an id', { integrations: [{ id: '../../etc/passwd' }] }],
  ])('what is no index is refused although it is signed: %s', async (_, part) => {
    const whole = { format: 'patchbay-catalog-index/1', name, number: 1, integrations: [], revoked: [], ...part }
    const { code } = await failure(() => signIndex(Buffer.from(JSON.stringify(whole)), signer))
    expect(code).toBe('index-format')
  })

  test('what must not be built is not', async () => {
    expect((await failure(() => signed([manifest, manifest]))).message).toContain('pagerduty')
    const revoked = [{ id: 'pagerduty', reason: 'It leaks.' }]
    expect((await failure(() => signed(undefined, { revoked }))).message).toContain('revoked and offered')
    expect((await failure(() => signed(undefined, { name: 'a b' }))).code).toBe('index-format')
  })
})

describe('a bundle', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-'))
    for (const [file, bytes] of signed()) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), bytes)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('in a folder gives integrations that work', async () => {
    const bundle = await loadBundle(folder, { keys: [key] })
    expect(await bundle.verify()).toEqual([])
    const integration = await bundle.load('acme-desk')
    expect(await bundle.load('acme-desk'), 'read once').toBe(integration)
    const transport = fakeTransport({ 'GET /services?limit=100': { json: { services: [{ id: 'S1', name: 'Web' }] } } })
    const connection = connect(integration, {
      config: { region: 'us' },
      credential: (integration.credential as typeof pagerduty.credential).key({ key: 'k' }),
      transport,
    }) as never as { service: { list(input: object): AsyncIterable<{ id: string }> } }
    const ids: string[] = []
    for await (const { id } of connection.service.list({})) ids.push(id)
    expect(ids).toEqual(['S1'])
  })

  test('with one altered byte anywhere is refused with the name of the file', async () => {
    const files = signed()
    const bytes = Buffer.from(files.get('manifests/pagerduty.json') as Uint8Array)
    for (let at = 0; at < bytes.length; at += 97) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] as number) ^ 1
      const bundle = await loadBundle(givenFiles(new Map([...files, ['manifests/pagerduty.json', altered]])), {
        keys: [key],
      })
      const { code, message } = await failure(() => bundle.load('pagerduty'))
      expect([code, message.includes('manifests/pagerduty.json')], `byte ${at}`).toEqual(['bundle-altered', true])
    }
    for (const altered of [bytes.subarray(1), Buffer.concat([bytes, Buffer.from(' ')]), Buffer.alloc(0)]) {
      const bundle = await loadBundle(givenFiles(new Map([...files, ['manifests/pagerduty.json', altered]])), {
        keys: [key],
      })
      expect((await failure(() => bundle.load('pagerduty'))).code).toMatch(/^bundle-(?:altered|missing)$/)
      expect(await bundle.verify()).toMatchObject([{ file: 'manifests/pagerduty.json' }])
      expect((await bundle.load('acme-desk')).declared.id, 'the others are good').toBe('acme-desk')
    }
  })

  test('that lacks a file says so, and finds it when it is there', async () => {
    const files = signed()
    const held = files.get('manifests/acme-desk.json') as Uint8Array
    files.delete('manifests/acme-desk.json')
    const bundle = await loadBundle(givenFiles(files), { keys: [key] })
    expect(await failure(() => bundle.load('acme-desk'))).toMatchObject({ code: 'bundle-missing' })
    files.set('manifests/acme-desk.json', held)
    expect((await bundle.load('acme-desk')).declared.product).toBe('Acme Desk')
    const nothing = await failure(() => loadBundle(join(folder, 'nowhere'), { keys: [key] }))
    expect(nothing.message).toContain(noteFile)
  })

  test('whose manifest reaches beyond the hosts of the index is refused', async () => {
    const files = reindexed(({ integrations }) => {
      for (const entry of integrations) entry.hosts = ['api.pagerduty.com']
    })
    const bundle = await loadBundle(givenFiles(files), { keys: [key] })
    const { code, message } = await failure(() => bundle.load('pagerduty'))
    expect(code).toBe('host-not-in-index')
    expect(message).toContain('api.eu.pagerduty.com')
    expect(message).toContain('manifests/pagerduty.json')
  })

  test('whose operator-named host is not in the index is refused', async () => {
    const { files, integrations } = buildIndex([alertmanager.declared], options)
    expect(integrations[0]?.hosts).toEqual(['configured'])
    const index = JSON.parse(Buffer.from(files.get(indexFile) as Uint8Array).toString())
    index.integrations[0].hosts = []
    const altered = seal(new Map([...files, [indexFile, Buffer.from(canonicalJson(index))]]))
    const bundle = await loadBundle(givenFiles(altered), { keys: [key] })
    expect((await failure(() => bundle.load('alertmanager'))).code).toBe('host-not-in-index')
  })

  test('whose index says anything else about a manifest is refused', async () => {
    for (const [field, value] of Object.entries({
      version: '9.9.9',
      connectionVersion: 3,
      operations: 1,
      data: ['x'],
    })) {
      const files = reindexed(({ integrations }) => {
        for (const entry of integrations) entry[field] = value
      })
      const bundle = await loadBundle(givenFiles(files), { keys: [key] })
      const { code, message } = await failure(() => bundle.load('pagerduty'))
      expect([code, message.includes(field)]).toEqual(['bundle-mismatch', true])
    }
  })

  test('whose manifest is not valid is refused although it is signed', async () => {
    const broken = { ...desk, check: { operation: 'nothing.get' } } as IntegrationManifest
    const open = { ...desk, extra: true } as IntegrationManifest
    for (const one of [broken, open]) {
      const bundle = await loadBundle(givenFiles(signed([one])), { keys: [key] })
      expect((await failure(() => bundle.load('acme-desk'))).code).toBe('manifest-invalid')
    }
    expect((await checkManifest(canonicalJson(desk))).valid).toBe(true)
  })

  test('withdraws integrations', async () => {
    const revoked = [{ id: 'pagerduty', reason: 'It sent too much.' }]
    const bundle = await loadBundle(givenFiles(signed([desk], { revoked })), { keys: [key] })
    expect(await failure(() => bundle.load('pagerduty'))).toMatchObject({ code: 'integration-revoked' })
    expect((await failure(() => bundle.load('pagerduty'))).message).toContain('It sent too much.')
    expect(revocationOf(bundle.index, manifest)?.reason).toBe('It sent too much.')
    expect(revocationOf(bundle.index, desk)).toBeUndefined()
    const { sha256 = '' } = read(signed()).integrations[1] ?? {}
    const one = [{ id: 'pagerduty', sha256, reason: 'That version.' }]
    const better = { ...manifest, version: '99.0.0' }
    const next = await loadBundle(givenFiles(signed([better], { revoked: one })), { keys: [key] })
    expect((await next.load('pagerduty')).declared.version).toBe('99.0.0')
    expect(revocationOf(next.index, manifest)?.reason).toBe('That version.')
  })

  test.each(['nobody', 'constructor', '__proto__', '../index', ''])(
    'an id that is none is an error: %j',
    async (id) => {
      const bundle = await loadBundle(folder, { keys: [key] })
      expect((await failure(() => bundle.load(id))).code).toBe('unknown-integration')
    },
  )

  test('comes from a server as well', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const file = (request.url ?? '').replace('/bundles/today/', '')
      if (file === 'manifests/pagerduty.json') response.writeHead(503).end()
      else response.end(readFileSync(join(folder, file)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const transport = undiciTransport({ clock: systemClock, allow: [{ host: '127.0.0.1' }] })
    try {
      const { port } = server.address() as AddressInfo
      const files = addressFiles(`http://127.0.0.1:${port}/bundles/today`, { transport })
      const bundle = await loadBundle(files, { keys: [key] })
      expect((await bundle.load('acme-desk')).declared.id).toBe('acme-desk')
      expect(asked).toEqual(
        ['index.json.note', 'index.json', 'manifests/acme-desk.json'].map((one) => `/bundles/today/${one}`),
      )
      expect((await failure(() => bundle.load('pagerduty'))).message).toContain('503')
    } finally {
      await transport.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    for (const url of ['ftp://x.example/', 'nothing', 'https://x.example/?a=b'])
      expect(() => addressFiles(url, { transport }), url).toThrow(/no http\(s\) URL/)
  })
})
