import { typesOf } from '../../json-schema/field-schema.ts'
import { entriesOf, type ManifestInput, type ManifestOperation, type Report, type Rule, requestOf } from './rule.ts'
import { schemaOfInput } from './schema-places.ts'

/** Names that the vendor reads, by place: `body ticket.subject`. */
const targetOf = (key: string, { in: place, as }: ManifestInput): string => {
  const name = as ?? key
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`
}

/** Every input has one place, and no two write to the same one. */
export const inputPlaces: Rule = {
  code: 'input-place',
  check({ operations }, report) {
    for (const [name, one] of entriesOf(operations)) {
      const at = ['operations', name] as const
      const taken = new Map<string, string>()
      const take = (target: string, who: string, path: readonly string[]): void => {
        const other = taken.get(target)
        const [place = '', ...words] = target.split(' ')
        if (other !== undefined)
          report(
            [...at, ...path],
            `${who} and ${other} both write ${words.join(' ')} of the ${place}.`,
            'Give one of them another `as`, or remove it.',
          )
        else taken.set(target, who)
      }
      for (const [key] of entriesOf(one.constants?.query))
        take(`query ${key}`, `The constant ${key}`, ['constants', 'query', key])
      for (const [key] of entriesOf(one.constants?.headers))
        take(`header ${key.toLowerCase()}`, `The constant ${key}`, ['constants', 'headers', key])
      for (const [key] of entriesOf(one.constants?.body))
        take(`body ${key}`, `The constant ${key}`, ['constants', 'body', key])
      for (const [key, input] of entriesOf(one.input)) take(targetOf(key, input), `The input ${key}`, ['input', key])
      wholeBody(one, (path, message, remedy) => report([...at, ...path], message, remedy))
    }
  },
}

/** `@` is the whole body: nothing else can go there, nor into a field inside a field that is written. */
function wholeBody({ input, constants }: ManifestOperation, report: Report): void {
  const written = [
    ...entriesOf(input)
      .filter(([, { in: place }]) => place === 'body')
      .map(([key, { as }]) => ({ path: ['input', key], name: as ?? key })),
    ...Object.keys(constants?.body ?? {}).map((name) => ({ path: ['constants', 'body', name], name })),
  ]
  for (const { path, name } of written) {
    const inside = written.find((other) => other.name !== name && (name === '@' || other.name.startsWith(`${name}.`)))
    if (inside !== undefined)
      report(
        path,
        `${name === '@' ? 'The whole body' : `"${name}"`} is written, and "${inside.name}" inside of it too.`,
        'Keep one of them.',
      )
  }
}

const bodyKinds: Readonly<Record<string, readonly string[]>> = {
  body: ['json', 'ndjson', 'text', 'bytes', 'form'],
  form: ['form'],
  part: ['multipart'],
}

/** The kind of body fits the inputs that go into it. */
export const bodyKind: Rule = {
  code: 'body-kind',
  check({ operations }, report) {
    for (const [name, one] of entriesOf(operations)) {
      const { method } = requestOf(one)
      const at = ['operations', name] as const
      for (const [key, input] of entriesOf(one.input)) {
        const path = [...at, 'input', key, 'in']
        const kinds = bodyKinds[input.in]
        if (kinds !== undefined && (method === 'GET' || method === 'HEAD'))
          report(path, `A ${method} has no body.`, 'Put the input into the query, or use another method.')
        else if (kinds !== undefined && one.body !== undefined && !kinds.includes(one.body))
          report(
            path,
            `An input in the ${input.in} does not fit body: ${one.body}.`,
            `It fits body: ${kinds.join(' or ')}.`,
          )
        else if ((input.in === 'variable') !== (one.graphql !== undefined) && input.in === 'variable')
          report(path, 'Variables belong to a GraphQL document.', 'Add `graphql`, or put the input elsewhere.')
        else if (input.in === 'rpc' && one.rpc === undefined)
          report(path, 'Parameters of JSON-RPC belong to its method.', 'Add `rpc`, or put the input elsewhere.')
        if (
          (one.body === 'bytes' || one.body === 'text' || one.body === 'ndjson') &&
          input.in === 'body' &&
          input.as !== '@'
        )
          report([...at, 'input', key], `A body of ${one.body} has no fields.`, 'Write as: "@" for the whole body.')
        if ((input.in === 'path' || input.in === 'header') && (typesOf(schemaOfInput(input)) ?? []).includes('object'))
          report(
            [...at, 'input', key, 'type'],
            `An object does not go into a ${input.in}.`,
            'Use text, a number or true and false.',
          )
      }
      if (one.body !== undefined && !hasBody(one))
        report([...at, 'body'], `body: ${one.body}, and nothing goes into it.`, 'Remove it, or add an input.')
    }
  },
}

const hasBody = ({ input, constants }: ManifestOperation): boolean =>
  Object.values(input ?? {}).some(({ in: place }) => place in bodyKinds) ||
  Object.keys(constants?.body ?? {}).length > 0
