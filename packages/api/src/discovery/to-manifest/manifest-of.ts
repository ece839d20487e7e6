import { type IntegrationManifest, manifestSchema } from '../../manifest/manifest.ts'
import { descriptionError } from '../description-error.ts'
import type { ApiModel, OperationModel, SecurityRequirement } from '../model.ts'
import { isListAnswer } from './answer.ts'
import { checkOf } from './check-operation.ts'
import { credentialsOf } from './credentials.ts'
import { Deployments } from './deployments.ts'
import { type IdentityOptions, identityOf } from './identity.ts'
import { operationNames } from './operation-names.ts'
import { reachable } from './reachable.ts'
import { Guesses, type ImportReport, type LeftOut } from './report.ts'
import { SchemaWriter } from './schema-writer.ts'
import { type SelectOptions, selected } from './select.ts'
import { writeOperation } from './write-operation.ts'
import { setName } from './write-soap.ts'
import { XmlPart } from './xml-part.ts'

export interface ManifestOptions extends SelectOptions, IdentityOptions {
  /** Most bytes of the manifest as indented JSON. Default 1,900,000: manifests are read up to 2 MiB. */
  readonly maxBytes?: number | undefined
}

export interface ManifestDraft {
  readonly manifest: IntegrationManifest
  readonly report: ImportReport
}

/** How much is said of schemas, from most to least; the first that fits into the size is taken. */
const details = [
  { depth: 4, words: 200 },
  { depth: 2, words: 120 },
  { depth: 1, words: 0 },
  { depth: 0, words: 0 },
] as const

/**
 * A manifest for the declarative engine out of an operation model, ready to run. What the description does not say is decided, and each
 * such decision is in the report. Large descriptions lose depth of their schemas first, then operations from the end.
 * @throws PatchbayError `description-malformed` when there is no operation to write
 */
export function manifestOf(model: ApiModel, options: ManifestOptions = {}): ManifestDraft {
  const most = options.maxBytes ?? 1_900_000
  const names = operationNames(model.operations, { isList: (operation) => isListAnswer(operation, model.schemas) })
  const { chosen, leftOut } = selected(model.operations, options)
  let draft: Draft | undefined
  for (let at = 0; at < details.length; at++) {
    const attempt = write(model, chosen, names, options, {
      ...(details[at] as Detail),
      most,
      cut: at === details.length - 1,
    })
    draft = typeof attempt === 'number' ? undefined : attempt
    if (draft !== undefined) break
    // When not even a tenth fits, what lies between would not fit either.
    if (typeof attempt === 'number' && attempt < chosen.length / 10) at = details.length - 2
  }
  if (draft === undefined || draft.written === 0) {
    const large = draft?.leftOut.some(({ reason }) => reason.includes('too large')) === true
    if (large && model.protocol === 'soap')
      throw descriptionError(
        'malformed',
        '#',
        'the XML schemas of each of its operations are too large for a manifest',
        'Call the service by its WSDL, with `soap` of @patchbay/api/soap.',
      )
    const what =
      model.operations.length === 0 ? 'the description has no operations' : 'none of its operations can be written'
    throw descriptionError('malformed', '#', what, 'Give a description with operations, or select others.')
  }
  return {
    manifest: checked(draft.manifest),
    report: {
      described: model.operations.length,
      written: draft.written,
      leftOut: [...leftOut, ...draft.leftOut],
      guesses: draft.guesses.list,
      findings: model.findings,
      schemaDepth: draft.depth,
    },
  }
}

/** The format has the last word: what it refuses names the place, and never reaches an author as a manifest. */
function checked(manifest: unknown): IntegrationManifest {
  const result = manifestSchema.safeParse(manifest)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue?.path.join('.') ?? ''
  throw descriptionError(
    'malformed',
    place,
    `what becomes of it is no manifest: ${issue?.message}`,
    'Leave the operation out.',
  )
}

interface Draft {
  readonly manifest: unknown
  readonly written: number
  readonly leftOut: readonly LeftOut[]
  readonly guesses: Guesses
  readonly depth: number
}

interface Detail {
  readonly depth: number
  readonly words: number
  readonly most: number
  /** Leave operations out when it gets too large. */
  readonly cut: boolean
}

/** How many operations fit, when nothing may be cut. */
function write(
  model: ApiModel,
  chosen: readonly OperationModel[],
  names: ReadonlyMap<string, string>,
  options: ManifestOptions,
  detail: Detail,
): Draft | number {
  const guesses = new Guesses()
  const leftOut: LeftOut[] = []
  const writer = new SchemaWriter(model.schemas, detail)
  const xml = model.xml === undefined ? undefined : new XmlPart(model.xml, detail.depth > 1)
  let measured = 0
  const deployments = new Deployments(model, guesses)
  const used = new Set<string>()
  const scopes = new Set<string>()
  const origins = new Set<string>()
  const operations: Record<string, ReturnType<typeof writeOperation>> = {}
  // What stands around the operations is small and counted at the end.
  let size = 20_000
  let counted = 0
  let full = false
  for (const operation of chosen) {
    if (full) {
      leftOut.push(tooLarge(operation))
      continue
    }
    const name = names.get(operation.key) ?? 'resource.call'
    const requirement = requirementOf(operation, model)
    const written = writeOperation({
      operation,
      name,
      model,
      writer,
      guesses,
      words: detail.words,
      requirement,
      origin: deployments.originOf(operation),
      xml,
    })
    if (xml !== undefined) {
      size += xml.bytes - measured
      measured = xml.bytes
    }
    size += sizeOf(written) + name.length + 10
    for (const schema of Object.keys(writer.named).slice(counted))
      size += sizeOf(writer.named[schema]) + schema.length + 10
    counted = Object.keys(writer.named).length
    if (size > detail.most) {
      if (!detail.cut) return Object.keys(operations).length
      full = true
      leftOut.push(tooLarge(operation))
      continue
    }
    operations[name] = written
    for (const scheme of requirement?.keys() ?? []) used.add(scheme)
    if (written.origin !== undefined) origins.add(written.origin)
    for (const scope of written.scopes ?? []) scopes.add(scope)
  }
  const { credentials, hosts, scoped } = credentialsOf(model, used, scopes, deployments.base, guesses)
  if (!scoped) for (const one of Object.values(operations)) delete (one as { scopes?: unknown }).scopes
  const schemas = reachable(operations, writer.named)
  const check = checkOf(operations, writer.named, guesses)
  if (check === undefined) guesses.add('check', 'none', 'high', 'nothing in this API only reads')
  const manifest = {
    ...identityOf(model, options, deployments.base, guesses),
    ...deployments.write(hosts, origins),
    credentials,
    limits: { undocumented: 'The description names no limits.' },
    ...(Object.keys(schemas).length === 0 ? {} : { schemas }),
    ...(xml === undefined ? {} : { xml: { [setName]: xml.write() } }),
    operations,
    ...(check === undefined ? {} : { check }),
  }
  return { manifest, written: Object.keys(operations).length, leftOut, guesses, depth: detail.depth }
}

function tooLarge({ key }: OperationModel): LeftOut {
  return { key, reason: 'the manifest would be too large; select operations with tags, operations or max' }
}

/** The first alternative with a scheme that can be used, or that asks for nothing. */
function requirementOf(operation: OperationModel, model: ApiModel): SecurityRequirement | undefined {
  const known = operation.security.filter((one) => [...one.keys()].every((name) => model.security.has(name)))
  return known.find((one) => one.size > 0) ?? known[0]
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value, null, 2).length * 1.2
}
