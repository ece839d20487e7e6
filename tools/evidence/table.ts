import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Level } from '../../packages/api/src/evidence/index.ts'
import type { Proven } from './levels.ts'

const marks = { begin: '<!-- catalog: made by pnpm catalog:table -->', end: '<!-- catalog: end -->' } as const
const levels: readonly Level[] = ['E1', 'E2', 'E3', 'E4', 'E5']

/** Services of the three large clouds are counted apart: one vendor has dozens of them. */
const isSubService = ({ manifest: { id } }: Proven): boolean => /^(?:aws|azure|gcp)-/.test(id)

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const count = <T>(list: readonly T[], test: (one: T) => boolean): number => list.filter(test).length

/** How many operations have each level, the commonest first: `E5 14, E4 2`. */
function levelsOf({ evidence }: Proven): string {
  const counts = levels.map((level) => [level, count(evidence.operations, (one) => one.level === level)] as const)
  return counts
    .filter(([, number]) => number > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([level, number]) => `${level} ${number}`)
    .join(', ')
}

function sourcesOf({ manifest, evidence }: Proven): string {
  const used = new Set(evidence.operations.flatMap(({ source }) => (source === undefined ? [] : [source])))
  const told = [...used].map((ref) => `\`${ref.replace(/^(?:npm|github):/, '')}\``)
  if (evidence.operations.some(({ live }) => live)) told.unshift('a live server')
  return told.length > 0 ? told.join(', ') : `[the vendor's pages](${manifest.links.documentation})`
}

/** Every integration with what it has and how it is proven. */
export function catalogTable(proven: readonly Proven[]): string {
  const rows = proven.map((one) => {
    const { manifest, evidence } = one
    const { id, product, category, operations, streams = {}, webhooks = {}, credentials } = manifest
    return [
      `\`${id}\``,
      product,
      category,
      evidence.level,
      `${Object.keys(operations).length} (${levelsOf(one)})`,
      Object.keys(streams).length,
      Object.keys(webhooks).length,
      [...new Set(credentials.map(({ scheme }) => scheme))].join(', '),
      evidence.corrected,
      sourcesOf(one),
    ]
  })
  const head = [
    'id',
    'product',
    'category',
    'level',
    'operations',
    'streams',
    'webhooks',
    'credentials',
    'corrections',
    'evidence',
  ]
  return `${summaryTable(proven)}\n\n${table(head, rows)}`
}

/** Counts by level and category, with and without sub-services of the large clouds. */
export function summaryTable(proven: readonly Proven[]): string {
  const categories = [...new Set(proven.map(({ manifest }) => manifest.category))].sort()
  const rowOf = (name: string, list: readonly Proven[]): (string | number)[] => [
    name,
    list.length,
    ...levels.map((level) => count(list, ({ evidence }) => evidence.level === level)),
    list.reduce((sum, { evidence }) => sum + evidence.operations.length, 0),
    list.reduce((sum, { evidence }) => sum + count(evidence.operations, ({ level }) => level !== 'E4'), 0),
  ]
  const rows = [
    ...categories.map((category) =>
      rowOf(
        category,
        proven.filter(({ manifest }) => manifest.category === category),
      ),
    ),
    rowOf('all', proven),
    rowOf(
      'all but sub-services of AWS, Azure and Google Cloud',
      proven.filter((one) => !isSubService(one)),
    ),
  ]
  return table(['category', 'integrations', ...levels, 'operations', 'of these proven by a machine'], rows)
}

interface Target {
  readonly file: string
  make(proven: readonly Proven[]): string
}

const targets: readonly Target[] = [
  { file: 'docs/catalog.md', make: catalogTable },
  { file: 'README.md', make: summaryTable },
]

function filled(
  root: string,
  { file, make }: Target,
  proven: readonly Proven[],
): { readonly old: string; readonly text: string } {
  const old = readFileSync(join(root, file), 'utf8')
  const [from, to] = [old.indexOf(marks.begin), old.indexOf(marks.end)]
  if (from < 0 || to < from) throw new Error(`${file} has no place for the table: ${marks.begin} ... ${marks.end}`)
  return { old, text: `${old.slice(0, from + marks.begin.length)}\n\n${make(proven)}\n\n${old.slice(to)}` }
}

/** Files whose table is not what the evidence says. */
export function staleTables(root: string, proven: readonly Proven[]): string[] {
  return targets
    .filter((target) => {
      const { old, text } = filled(root, target, proven)
      return old !== text
    })
    .map(({ file }) => file)
}

/** Writes the tables, and gives the files that changed. */
export function writeTables(root: string, proven: readonly Proven[]): string[] {
  return targets.flatMap((target) => {
    const { old, text } = filled(root, target, proven)
    if (old === text) return []
    writeFileSync(join(root, target.file), text)
    return [target.file]
  })
}
