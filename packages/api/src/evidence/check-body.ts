import { type Manifest, schemasOf } from '../declarative/manifest-parts.ts'
import { kindOfMedia } from '../discovery/to-manifest/answer.ts'
import { compileSchema } from '../json-schema/compile-schema.ts'
import type { FieldSchema, NamedSchemas } from '../json-schema/field-schema.ts'
import { sample } from '../json-schema/sampler.ts'
import { type ForeignSchema, produces } from '../json-schema/subset.ts'
import type { OperationFacts } from './facts.ts'
import { isLooser, shapeOnly } from './loose-inputs.ts'
import type { BodyKind, SentRequest } from './sent-request.ts'
import { steadyRandom } from './steady-random.ts'
import type { Verdict } from './verdict.ts'

/** Sampled bodies, besides the fullest and the smallest. */
const samples = 12

/** Bodies that our schemas allow must be bodies that the source takes. */
export function checkBody(
  { body: sent }: SentRequest,
  { body }: OperationFacts,
  manifest: Manifest,
  verdict: Verdict,
): void {
  if (sent === undefined) {
    // Documents seldom say that a body itself is required; fields of it that are say the same.
    const needed = Object.values(body?.media ?? {}).every((theirs) => (theirs?.required ?? []).length > 0)
    if (body !== undefined && (body.required === true || needed))
      verdict.contradict('body', '', 'sends no body; the source requires one')
    return
  }
  if (body === undefined) {
    verdict.contradict('body', '', 'sends a body; the source has none')
    return
  }
  const wanted = Object.entries(body.media).filter(([type]) => takes(type, sent.kind, sent.contentType))
  const [first] = wanted
  if (first === undefined) {
    verdict.contradict(
      'body',
      '',
      `sends ${sent.contentType ?? sent.kind}; the source takes ${Object.keys(body.media).join(', ')}`,
    )
    return
  }
  const [, theirs] = first
  if (theirs === null || sent.schema === undefined) verdict.doubt('the source does not describe the body')
  else compare(sent.schema, theirs, manifest, sent.kind, verdict)
}

function takes(type: string, kind: BodyKind, contentType: string | undefined): boolean {
  if (contentType !== undefined) return type === contentType.replace(/;.*$/, '').trim().toLowerCase() || type === '*/*'
  if (type === '*/*') return true
  if (kind === 'json') return kindOfMedia(type) === 'json'
  if (kind === 'form') return type === 'application/x-www-form-urlencoded'
  if (kind === 'multipart') return type.startsWith('multipart/')
  if (kind === 'ndjson') return /ndjson|jsonl|json-seq/.test(type)
  return kind === 'text' ? type.startsWith('text/') : true
}

function compare(ours: FieldSchema, theirs: FieldSchema, manifest: Manifest, kind: BodyKind, verdict: Verdict): void {
  const named = schemasOf(manifest)
  const told = new Set<string>()
  const contradict = (path: string, message: string): void => {
    if (told.has(path)) return
    told.add(path)
    verdict.contradict('body', path, `body${path === '' ? '' : ` ${path}`}: ${message}`)
  }
  const { contradictions, doubts } = produces(ours, theirs as ForeignSchema, { named, resolve: () => undefined })
  // Forms hold texts: a number there is no other value than its digits.
  const typed = kind === 'json' || kind === 'ndjson'
  for (const { path, message, ours: we, theirs: they } of contradictions)
    if (isLooser(message)) verdict.doubt(`body ${path}: the source lists the values: ${they}`)
    else if (typed || !/type/.test(message)) contradict(path, `${message} (ours: ${we}; theirs: ${they})`)
  for (const { path, message } of doubts) verdict.doubt(`body${path === '' ? '' : ` ${path}`}: ${message}`)
  if (typed) sampled(ours, theirs, named, contradict, verdict)
  else unknownFields(ours, theirs, contradict)
}

type Contradict = (path: string, message: string) => void

/** Bodies are made from our schema, and theirs must take each; a field that it does not know is refused. */
function sampled(
  ours: FieldSchema,
  theirs: FieldSchema,
  named: NamedSchemas,
  contradict: Contradict,
  verdict: Verdict,
): void {
  const check = compileSchema(shapeOnly(theirs), {}, 'strict', { side: 'output' })
  for (let seed = 0; seed < samples + 2; seed++) {
    const optional = seed === 0 ? 1 : seed === 1 ? 0 : 0.5
    let value: unknown
    try {
      value = sample(ours, named, steadyRandom(seed), { side: 'input', optional, listLength: 2 })
    } catch {
      verdict.doubt('no sample of the body could be made')
      return
    }
    const result = check(value)
    if ('issues' in result)
      for (const { path, message } of result.issues)
        contradict(path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, '*'), `a sampled body is refused: ${message}`)
  }
}

function unknownFields(ours: FieldSchema, theirs: FieldSchema, contradict: Contradict): void {
  const known = theirs.properties
  if (
    known === undefined ||
    theirs.anyOf !== undefined ||
    theirs.allOf !== undefined ||
    theirs.additionalProperties !== undefined
  )
    return
  for (const name of Object.keys(ours.properties ?? {}))
    if (!Object.hasOwn(known, name)) contradict(name, 'the source does not know the field')
}
