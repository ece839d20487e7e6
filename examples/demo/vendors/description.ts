// A vendor's published OpenAPI description, read from its npm package: which shape an operation's answers have, a check against it,
// and values made out of it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { type JsonObject, type JsonValue, toJsonSchema } from './json-schema.ts'
import { sampleOf } from './sample.ts'

export interface Description {
  /** `The Jira Cloud platform REST API 1001.0.0`, for the summary. */
  readonly title: string
  /** Published operations, such as `GET /repos/{owner}/{repo}/issues`. */
  readonly operations: ReadonlySet<string>
  /** The schema of an operation's answer of that status. */
  answer(operation: string, status?: number): AnswerShape
  /** A value of a named schema, with its required properties and those that are asked for. */
  sample(schema: string, also?: readonly string[]): JsonValue
}

export interface AnswerShape {
  /** What is wrong with the value; empty when it is as described. */
  check(value: unknown): readonly string[]
}

/** `file` as `import` would name it: `@octokit/openapi/generated/api.github.com.json`. */
export function readDescription(file: string): Description {
  // Some packages list other files than this one in `exports`: find the package, then the file in it.
  const [scope = '', ...rest] = file.split('/')
  const name = scope.startsWith('@') ? `${scope}/${rest.shift()}` : scope
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const path of paths) {
    const text = readIfThere(`${path}/${name}/${rest.join('/')}`)
    if (text !== undefined) return new OpenApi(JSON.parse(text) as JsonObject)
  }
  throw new Error(`${name} is not installed, or has no ${rest.join('/')}: run npm run demo, which installs it`)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

class OpenApi implements Description {
  readonly title: string
  readonly operations: ReadonlySet<string>
  readonly #document: JsonObject
  readonly #checker: Ajv2020

  constructor(document: JsonObject) {
    this.#document = document
    const { title, version } = document.info as { title: string; version: string }
    this.title = `${title} ${version}`
    const paths = document.paths as Record<string, JsonObject>
    this.operations = new Set(
      Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`)),
    )
    this.#checker = new Ajv2020({ strict: false, allErrors: false, logger: false })
    // The package is CommonJS and its types say that it is its own default export.
    const formats = addFormats as unknown as typeof addFormats.default
    formats(this.#checker)
  }

  answer(operation: string, status = 200): AnswerShape {
    const [verb = '', path = ''] = operation.split(' ')
    const item = (this.#document.paths as Record<string, Record<string, JsonObject>>)[path]?.[verb.toLowerCase()]
    const response = (item?.responses as Record<string, JsonObject> | undefined)?.[status]
    const content = this.#resolved(response)?.content as Record<string, { schema: JsonObject }> | undefined
    const schema = Object.values(content ?? {})[0]?.schema
    if (schema === undefined) throw new Error(`the description has no answer ${status} of ${operation}`)
    const validate = this.#checker.compile(this.#selfContained(schema))
    return {
      check(value) {
        if (validate(value)) return []
        return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '(root)'} ${message}`)
      },
    }
  }

  sample(schema: string, also: readonly string[] = []): JsonValue {
    return sampleOf({ $ref: `#/components/schemas/${schema}` }, (node) => this.#resolved(node) as JsonObject, also)
  }

  #resolved(node: JsonObject | undefined): JsonObject | undefined {
    let current = node
    while (typeof current?.$ref === 'string') {
      current = current.$ref
        .split('/')
        .slice(1)
        .reduce<JsonObject>((object, part) => object[unescaped(part)] as JsonObject, this.#document)
    }
    return current
  }

  /** The schema with every other that it names, and no more: the whole document would take seconds to compile. */
  #selfContained(schema: JsonObject): JsonObject {
    const definitions: Record<string, JsonObject> = {}
    const visit = (node: JsonValue | undefined): void => {
      if (typeof node !== 'object' || node === null) return
      const { $ref: reference } = node as JsonObject
      const name = typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined
      if (name !== undefined && definitions[name] === undefined) {
        const target = this.#resolved(node as JsonObject) as JsonObject
        definitions[name] = toJsonSchema(target)
        visit(target)
      }
      Object.values(node).forEach(visit)
    }
    visit(schema)
    return { ...toJsonSchema(schema), $defs: definitions }
  }
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
