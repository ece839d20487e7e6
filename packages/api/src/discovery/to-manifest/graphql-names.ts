import type { OperationModel } from '../model.ts'
import { camelOf, singular, wordsOf } from './names.ts'

/** Words in front of what a query is about. */
const verbs = /^(?:get|list|fetch|find|load|read|all)$/i

/**
 * Names of a query, from the shortest to the longest: `users` that are paged are `user.list`, one `user` is `user.get`, and
 * `repository.issues` are `issue.list`. Mutations are named by their verb, like other remote procedures; undefined for those and for REST.
 */
export function graphqlNames({ binding }: OperationModel): string[] | undefined {
  if (binding?.kind !== 'graphql' || binding.operation !== 'query') return undefined
  const path = (binding.path as readonly string[] | undefined) ?? [binding.field]
  const list = binding.relay !== undefined
  const steps = path.map((step, at) => {
    const words = wordsOf(step)
    const plain = words.length > 1 && verbs.test(words[0] ?? '') ? words.slice(1) : words
    return list && at === path.length - 1 ? [...plain.slice(0, -1), singular(plain.at(-1) ?? '')] : plain
  })
  return steps.map(
    (_, at) => `${camelOf(steps.slice(steps.length - 1 - at).flat(), 'resource')}.${list ? 'list' : 'get'}`,
  )
}
