import { type Manifest, schemasOf } from '../declarative/manifest-parts.ts'
import { kindOfMedia } from '../discovery/to-manifest/answer.ts'
import { compileSchema } from '../json-schema/compile-schema.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { sample } from '../json-schema/sampler.ts'
import { accepts, type ForeignSchema } from '../json-schema/subset.ts'
import type { OperationFacts } from './facts.ts'
import type { GivenAnswer } from './given-answer.ts'
import { steadyRandom } from './steady-random.ts'
import type { Verdict } from './verdict.ts'

const samples = 24

/** Every answer that the source describes must be one that our schema accepts. */
export function checkAnswer(
  given: GivenAnswer,
  { answers }: OperationFacts,
  manifest: Manifest,
  verdict: Verdict,
): void {
  if (given.kind !== 'json') return
  const { schema, taken } = given
  if (taken === undefined && (schema === undefined || Object.keys(schema).length === 0)) return
  const contents = Object.values(answers).filter((media) => Object.keys(media).length > 0)
  if (contents.length === 0) {
    if (Object.keys(answers).length === 0) verdict.doubt('the source describes no answer')
    else
      verdict.contradict(
        'response',
        '',
        `gives callers an answer; the source has none for ${Object.keys(answers).join(', ')}`,
      )
    return
  }
  const readable = contents.flatMap((media) => Object.entries(media)).filter(([type]) => kindOfMedia(type) === 'json')
  if (readable.length === 0)
    verdict.contradict(
      'response',
      '',
      `reads JSON; the source answers ${[...new Set(contents.flatMap(Object.keys))].join(', ')}`,
    )
  const seen = new Set<string>()
  for (const [, theirs] of readable) {
    const key = JSON.stringify(theirs)
    if (seen.has(key)) continue
    seen.add(key)
    if (theirs === null) verdict.doubt('the source does not describe the answer')
    else if (taken !== undefined) sampled(taken, theirs, manifest, verdict)
    else if (schema !== undefined) compare(schema, theirs, manifest, verdict)
  }
}

function compare(ours: FieldSchema, theirs: FieldSchema, manifest: Manifest, verdict: Verdict): void {
  const { contradictions, doubts } = accepts(ours, presumed(theirs) as ForeignSchema, {
    named: schemasOf(manifest),
    resolve: () => undefined,
  })
  for (const { path, message, ours: we, theirs: they } of contradictions)
    verdict.contradict(
      'response',
      path,
      `answer${path === '' ? '' : ` ${path}`}: ${message} (ours: ${we}; theirs: ${they})`,
    )
  for (const { path, message } of doubts) verdict.doubt(`answer${path === '' ? '' : ` ${path}`}: ${message}`)
}

const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])

/**
 * Many documents never say which fields of an answer are always there: their objects have no `required` at all. That is silence and no
 * promise that the fields may be missing, so nothing is held against ours there. Where there is one, it speaks about requests as well, which
 * never hold the fields that are `readOnly`.
 */
function presumed(schema: FieldSchema): FieldSchema {
  const { properties, required } = schema
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === 'properties')
      return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, presumed(one as FieldSchema)]))]
    if (lists.has(key)) return [key, (value as FieldSchema[]).map(presumed)]
    const isOne = (key === 'items' || key === 'additionalProperties') && typeof value === 'object'
    return [key, isOne ? presumed(value) : value]
  })
  if (properties === undefined) return Object.fromEntries(entries)
  const answered = Object.keys(properties).filter(
    (name) => required === undefined || properties[name]?.readOnly === true,
  )
  return { ...Object.fromEntries(entries), required: [...new Set([...(required ?? []), ...answered])] }
}

/** What an expression makes of answers cannot be told beforehand: answers are made from their schema, and it runs on them. */
function sampled(
  taken: NonNullable<GivenAnswer['taken']>,
  theirs: FieldSchema,
  manifest: Manifest,
  verdict: Verdict,
): void {
  const check = compileSchema(taken.result, schemasOf(manifest), 'tolerant')
  const told = new Set<string>()
  verdict.doubt(`an expression takes the answer apart: proven by ${samples} samples`)
  for (let seed = 0; seed < samples; seed++) {
    let value: unknown
    try {
      value = sample(theirs, {}, steadyRandom(seed), { side: 'output', optional: seed === 0 ? 1 : 0.8, listLength: 2 })
    } catch {
      verdict.doubt('no sample of their answer could be made')
      return
    }
    let made: unknown
    try {
      made = taken.take(value)
    } catch (error) {
      // Seed 0 has every field; without them a list may be missing, which is told when it is read.
      const message = `an expression fails on a sampled answer: ${error instanceof Error ? error.message : String(error)}`
      if (seed === 0) verdict.contradict('response', '', message)
      else verdict.doubt(message)
      continue
    }
    const result = check(made)
    if ('issues' in result)
      for (const { path, message } of result.issues) {
        const place = path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, '*')
        if (told.has(place)) continue
        told.add(place)
        verdict.contradict(
          'response',
          place,
          `answer${place === '' ? '' : ` ${place}`}: a sampled one is refused: ${message}`,
        )
      }
  }
}
