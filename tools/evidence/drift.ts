import { readFileSync } from 'node:fs'
import { driftOf, verify } from '../../packages/api/src/evidence/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'
import { documentsByHash, sha256 } from './cache.ts'
import { readIndex } from './index-files.ts'
import { factsFrom, machineSources } from './update.ts'

export interface DriftOptions {
  readonly root: string
  readonly manifests: readonly IntegrationManifest[]
  /** The newer document. */
  readonly document: string
  /** Of the source that it is newer than; may be a part of it. */
  readonly ref: string | undefined
}

/** Tells what changed, and for each product whether its manifest still agrees. Gives the exit status: 1 when one does not. */
export async function reportDrift({ root, manifests, document, ref = '' }: DriftOptions): Promise<number> {
  const able = [...machineSources(manifests).values()].filter((source) => source.ref.includes(ref))
  const [source] = able
  if (source === undefined || able.length > 1) {
    const list = able.length === 0 ? [...machineSources(manifests).keys()] : able.map((one) => one.ref)
    console.error(`name one source with --source:\n${list.map((one) => `  ${one}`).join('\n')}`)
    return 2
  }
  const before = readIndex(root).find((facts) => facts.ref === source.ref)
  if (before === undefined) {
    console.error(`the index has no facts of ${source.ref}`)
    return 2
  }
  const hash = sha256(readFileSync(document))
  const given = new Map([[hash, document], ...documentsByHash(undefined)])
  const newer = { ...source, sha256: hash }
  const renewed = manifests.map((manifest) => ({
    ...manifest,
    sources: manifest.sources.map((one) => (one.ref === source.ref ? { ...one, sha256: hash } : one)),
  }))
  const after = await factsFrom(root, newer, renewed, given)
  const changes = driftOf(before, after)
  const added = changes.filter(({ change }) => change === 'added').length
  for (const { operation, change, what } of changes)
    if (change !== 'added') console.log(`${change} ${operation}${what === '' ? '' : `: ${what}`}`)
  console.log(`${source.ref}: ${changes.length - added} used operations removed or changed, ${added} new ones`)
  let broken = 0
  for (const manifest of renewed.filter(({ sources }) => sources.some((one) => one.ref === source.ref))) {
    const others = readIndex(root).filter((facts) => facts.ref !== source.ref)
    const now = verify(manifest, [...others, after])
    const was = verify(manifests.find(({ id }) => id === manifest.id) ?? manifest, [...others, before])
    for (const problem of now.problems) console.log(`  ${manifest.id}: ${problem}`)
    const lost = now.operations.filter((one, index) => one.level === 'E4' && was.operations[index]?.level !== 'E4')
    for (const { operation } of lost) console.log(`  ${manifest.id}: ${operation} is not in the newer document`)
    if (now.problems.length + lost.length > 0) broken++
  }
  console.log(`${broken} manifests no longer agree`)
  return broken > 0 ? 1 : 0
}
