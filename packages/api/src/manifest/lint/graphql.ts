import { entriesOf, type Rule } from './rule.ts'

/** GraphQL documents parse, hold one operation, and declare exactly the variables that inputs give. */
export const graphqlDocument: Rule = {
  code: 'graphql-document',
  async check(manifest, report) {
    const documents = entriesOf(manifest.operations).filter(([, { graphql }]) => graphql !== undefined)
    if (documents.length === 0) return
    const { Kind, parse } = await import('graphql')
    for (const [name, { graphql = '', input, list }] of documents) {
      const at = ['operations', name] as const
      try {
        const operations = parse(graphql, { maxTokens: 10_000 }).definitions.filter(
          ({ kind }) => kind === Kind.OPERATION_DEFINITION,
        )
        const [only] = operations
        if (operations.length !== 1 || only?.kind !== Kind.OPERATION_DEFINITION) {
          report([...at, 'graphql'], `The document holds ${operations.length} operations.`, 'Keep one.')
          continue
        }
        const variables = new Set((only.variableDefinitions ?? []).map(({ variable }) => variable.name.value))
        const pagination =
          typeof list?.pagination === 'string' ? manifest.pagination?.[list.pagination] : list?.pagination
        const paged = pagination?.kind === 'graphql-relay' ? [pagination.after, pagination.first] : []
        const given = entriesOf(input).filter(([, one]) => one.in === 'variable')
        for (const [key, { as }] of given)
          if (!variables.has(as ?? key))
            report(
              [...at, 'input', key],
              `The document has no variable $${as ?? key}.`,
              'Declare it in the document, or correct `as`.',
            )
        for (const variable of variables)
          if (!given.some(([key, { as }]) => (as ?? key) === variable) && !paged.includes(variable))
            report(
              [...at, 'graphql'],
              `Nothing gives the variable $${variable}.`,
              `Add an input with { in: variable, as: ${variable} }.`,
            )
      } catch (error) {
        const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
        report([...at, 'graphql'], `The document is broken: ${reason.replace(/\.$/, '')}.`, 'Correct it.')
      }
    }
  },
}
