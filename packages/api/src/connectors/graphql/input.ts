import type { CallOptions, Issue, Schema } from '@patchbay/core'
import { type GraphqlDocument, type GraphqlVariables, type PreparedDocument, prepareDocument } from './document.ts'
import type { OperationKind } from './operation-kinds.ts'

/** What is done with `errors` beside data: `none` makes any error of the server an error, `partial` gives both when there is data. */
export type ErrorPolicy = 'none' | 'partial'

export interface RunSettings {
  /** Which operation of a document with several. */
  readonly operationName?: string | undefined
  /** Default: the configuration's. */
  readonly errorPolicy?: ErrorPolicy | undefined
  /** For servers that take more than the query, such as a trace flag. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
  /** Sent with this request. Not for secrets: those belong into the credential. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Variables may be left out where every one of them may. */
export type VariablesOf<Variables> =
  Record<never, never> extends Variables
    ? { readonly variables?: Variables | undefined }
    : { readonly variables: Variables }

export type RunInput<Data = unknown, Variables = GraphqlVariables> = RunSettings & {
  readonly document: GraphqlDocument<Data, Variables>
} & VariablesOf<Variables>

/** One entry of `errors`, cleaned of secrets and cut to a line. */
export interface GraphqlProblem {
  readonly message: string
  readonly path: readonly (string | number)[]
  readonly locations: readonly { readonly line: number; readonly column: number }[]
  /** `extensions.code`, or where the server puts it. */
  readonly code: string | undefined
}

export interface GraphqlResult<Data = unknown> {
  readonly data: Data
  /** Empty unless `errorPolicy` is `partial`. */
  readonly errors: readonly GraphqlProblem[]
  readonly extensions: Readonly<Record<string, unknown>> | undefined
}

/** How `query.run`, `mutation.run` and `mutation.runOnce` look to callers. */
export type Run = <Data = unknown, Variables = GraphqlVariables>(
  input: RunInput<Data, Variables>,
  options?: CallOptions,
) => Promise<GraphqlResult<Data>>

/** An input as operations get it: plain data, so that caches and keys can compare it. */
export interface PreparedInput extends RunSettings {
  readonly document: Pick<PreparedDocument, 'text' | 'id'>
  readonly variables?: GraphqlVariables | undefined
}

/** Checks an input and brings its document into the form in which it is sent. */
export function runInput(kind: OperationKind): Schema<PreparedInput, RunInput> {
  return {
    '~standard': {
      version: 1,
      vendor: 'patchbay-graphql',
      validate(value) {
        const given = value as Partial<RunInput>
        if (!isObject(given)) return refused({ path: '', message: 'expected an object with a document' })
        const document = prepareDocument(given.document)
        if (document instanceof Promise) return document.then((late) => judge(kind, given, late))
        return judge(kind, given, document)
      },
    },
  }
}

/** A cache joins equal reads that run at the same time. Two subscriptions that are equal are two all the same. */
const notComparable = (): void => undefined

type Judgement = { readonly value: PreparedInput } | ReturnType<typeof refused>

function judge(kind: OperationKind, given: Partial<RunInput>, document: PreparedDocument | undefined): Judgement {
  const { variables, operationName, errorPolicy, extensions, headers } = given
  const issues: Issue[] = []
  const wrong = (path: string, message: string): unknown => issues.push({ path, message })
  if (document === undefined) {
    wrong('document', 'expected GraphQL text with an operation, a parsed document, or persisted(id)')
  } else {
    const problem = kindProblem(kind, document, operationName)
    if (problem !== undefined) issues.push(problem)
  }
  if (variables !== undefined && !isObject(variables)) wrong('variables', 'expected an object')
  if (operationName !== undefined && typeof operationName !== 'string') wrong('operationName', 'expected a text')
  if (errorPolicy !== undefined && errorPolicy !== 'none' && errorPolicy !== 'partial')
    wrong('errorPolicy', 'expected none or partial')
  if (extensions !== undefined && !isObject(extensions)) wrong('extensions', 'expected an object')
  if (headers !== undefined && !(isObject(headers) && Object.values(headers).every((one) => typeof one === 'string')))
    wrong('headers', 'expected an object of texts')
  if (issues.length > 0 || document === undefined) return refused(...issues)
  const value = {
    document: { text: document.text, id: document.id },
    variables,
    operationName,
    errorPolicy,
    extensions,
    headers,
  }
  if (kind !== 'subscription') return { value }
  const { lastEventId, bufferSize } = given as { readonly lastEventId?: unknown; readonly bufferSize?: unknown }
  return { value: Object.assign(value, { lastEventId, bufferSize, notComparable }) }
}

/** A mutation that went out as a query would be repeated like one. */
function kindProblem(kind: OperationKind, { kinds }: PreparedDocument, name: string | undefined): Issue | undefined {
  if (kinds === undefined) return undefined
  if (name === undefined && kinds.size > 1)
    return { path: 'operationName', message: 'is needed: the document holds several operations' }
  const found = name === undefined ? [...kinds.values()][0] : kinds.get(name)
  if (found === undefined) return { path: 'operationName', message: 'names no operation of the document' }
  return found === kind ? undefined : { path: 'document', message: `is a ${found}: ${remedies[found]}` }
}

const remedies: Readonly<Record<OperationKind, string>> = {
  query: 'run it with query.run',
  mutation: 'run it with mutation.run or mutation.runOnce',
  subscription: 'run it with subscribe(connection, document, variables)',
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(...issues: readonly Issue[]) {
  return { issues: issues.map(({ path, message }) => ({ message, path: path === '' ? [] : path.split('.') })) }
}
