import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { generateCatalog, tellIssues } from './generate.ts'

const catalog = join(import.meta.dirname, '../../packages/catalog')
const pagerduty = readFileSync(join(catalog, 'integrations/it-operations/pagerduty.yaml'), 'utf8')
let root: string
let generated: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'catalog-'))
  generated = join(root, 'packages/catalog/src/generated')
  cpSync(
    join(catalog, 'integrations/it-operations/pagerduty.yaml'),
    join(root, 'packages/catalog/integrations/it-operations/pagerduty.yaml'),
  )
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, text: string): void => {
  const file = join(root, 'packages/catalog/integrations', path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}
const made = (name: string): boolean => existsSync(join(generated, name))

test('modules follow their manifests', () => {
  expect(generateCatalog(root)).toEqual({ issues: [], invalid: [] })
  expect(made('pagerduty.ts')).toBe(true)
  const before = statSync(join(generated, 'pagerduty.ts')).mtimeMs

  put(
    'cloud/other.yaml',
    pagerduty.replace('id: pagerduty', 'id: other').replace('category: it-operations', 'category: cloud'),
  )
  expect(generateCatalog(root).invalid).toEqual([])
  expect(made('other.ts')).toBe(true)
  expect(statSync(join(generated, 'pagerduty.ts')).mtimeMs, 'what did not change is left alone').toBe(before)
  expect(readFileSync(join(generated, 'catalog/loaders.ts'), 'utf8')).toContain("import('../other.ts')")

  rmSync(join(root, 'packages/catalog/integrations/cloud/other.yaml'))
  expect(generateCatalog(root).invalid).toEqual([])
  expect(made('other.ts')).toBe(false)
  expect(readFileSync(join(generated, 'catalog/loaders.ts'), 'utf8')).not.toContain('other')
})

test('a manifest that is not valid, misplaced or doubled gets no module', () => {
  put('cloud/broken.yaml', pagerduty.replace('effect: read', 'effect: red'))
  put('cloud/elsewhere.yaml', pagerduty)
  put('cloud/pagerduty.yaml', pagerduty)
  const { issues, invalid } = generateCatalog(root)
  expect(invalid.toSorted()).toEqual(['broken', 'elsewhere', 'pagerduty'])
  expect(issues.map((issue) => issue.split(' ')[1]).toSorted()).toEqual(['repeated-id', 'wrong-place', 'wrong-value'])
  expect(made('pagerduty.ts') || made('broken.ts')).toBe(false)
})

test('what is not valid stops CI and releases, and nobody else', () => {
  put('cloud/broken.yaml', pagerduty.replace('effect: read', 'effect: red'))
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  try {
    expect(tellIssues(generateCatalog(root), { strict: false })).toBe(true)
    expect(told.mock.calls.flat().at(-1)).toMatch(/1 manifest is not valid and LEFT OUT of the catalog: broken/)
    expect(tellIssues(generateCatalog(root), { strict: true })).toBe(false)
    expect(made('pagerduty.ts')).toBe(true)
    expect(tellIssues({ issues: [], invalid: [] }, { strict: true })).toBe(true)
  } finally {
    told.mockRestore()
  }
})

test('half a file of marks costs one more run, and no more', () => {
  generateCatalog(root)
  writeFileSync(join(generated, 'catalog/marks.json'), '{"pagerduty":{"hash"')
  expect(generateCatalog(root)).toEqual({ issues: [], invalid: [] })
})

test.each(['catalog', 'index', 'signed'])('%s is a name of the package itself', (id) => {
  put(`it-operations/${id}.yaml`, pagerduty.replace('id: pagerduty', `id: ${id}`))
  expect(generateCatalog(root).invalid).toEqual([id])
})
