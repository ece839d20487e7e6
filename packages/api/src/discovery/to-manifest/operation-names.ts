import type { OperationModel } from '../model.ts'
import { graphqlNames } from './graphql-names.ts'
import { camelOf, freeName, isPlural, singular, wordsOf } from './names.ts'
import { soapNames } from './soap-names.ts'

/** Words that say what is done and not to what. */
const verbs = new Set(
  (
    'accept acknowledge activate add apply approve archive assign attach authorize backup ban batch block build bulk cancel check clear ' +
    'clone close commit complete confirm connect convert copy count create deactivate decline decrypt delete deny deploy describe detach ' +
    'disable disconnect dismiss download edit enable encrypt end execute exists expire export fetch find finish follow forward generate ' +
    'get grant import insert install invite invoke join kill launch leave link list lock login logout lookup mark merge modify move mute ' +
    'notify open patch pause ping pin post preview process promote publish pull purge push put query read rebuild recover refresh register ' +
    'reject release remove rename renew reopen replace report request resend reset resize resolve restart restore resume retry revert ' +
    'revoke rollback rotate run save schedule search send set share sign skip snooze star start stop submit subscribe suspend swap switch ' +
    'sync terminate test toggle transfer trigger unarchive unassign unban unblock unfollow uninstall unlink unlock unmute unpin unpublish ' +
    'unshare unstar unsubscribe unsuspend update upgrade upload upsert validate verify view void vote watch withdraw write'
  ).split(' '),
)
/** Names under which every object has something of its own, `then`, which would make a promise of it, and `request`, which every API has. */
const reserved = new Set(['then', 'request', ...Object.getOwnPropertyNames(Object.prototype)])
const noise = /^(?:v\d+(?:[.\d]*)?(?:(?:alpha|beta)\d*)?|api|apis|rest|services?|json)$/i

/** What naming needs to know of an operation besides itself. */
export interface NamingFacts {
  /** Asked once for each operation. */
  isList(operation: OperationModel): boolean
}

/**
 * Names for all operations of an API, by their keys. They depend on the whole description and never on which operations are selected, so
 * that an import of a part and of the whole agree. Operations that want one name all take the next longer one.
 */
export function operationNames(operations: readonly OperationModel[], facts: NamingFacts): ReadonlyMap<string, string> {
  const paths = new Map<string, Set<string>>()
  for (const { path, method } of operations) {
    const methods = paths.get(path) ?? new Set()
    paths.set(path, methods.add(method))
  }
  const names = new Map<string, string>()
  const taken = new Set<string>()
  let waiting = operations.map((operation) => ({ operation, candidates: candidatesOf(operation, paths, facts) }))
  const most = Math.max(0, ...waiting.map(({ candidates }) => candidates.length))
  for (let level = 0; level < most && waiting.length > 0; level++) {
    const wanted = new Map<string, number>()
    for (const { candidates } of waiting) {
      const name = candidates[level]
      if (name !== undefined) wanted.set(name, (wanted.get(name) ?? 0) + 1)
    }
    const left: typeof waiting = []
    for (const one of waiting) {
      const name = one.candidates[level]
      if (name !== undefined && wanted.get(name) === 1 && !taken.has(name)) names.set(one.operation.key, name)
      else left.push(one)
    }
    for (const name of names.values()) taken.add(name)
    waiting = left
  }
  for (const { operation, candidates } of waiting) {
    const name = freeName(candidates.at(-1) ?? 'resource.call', taken)
    taken.add(name)
    names.set(operation.key, name)
  }
  return names
}

/** From the shortest to the longest. */
function candidatesOf(
  operation: OperationModel,
  paths: ReadonlyMap<string, ReadonlySet<string>>,
  facts: NamingFacts,
): string[] {
  const query = graphqlNames(operation)
  if (query !== undefined) return query
  const called = soapNames(operation, (word) => verbs.has(word))
  if (called !== undefined) return called.map(unreserved)
  const list = facts.isList(operation)
  const said = fromId(operation)
  const binding = operation.binding?.kind
  const remote = binding !== undefined || /\.[a-z]+[A-Z]?[A-Za-z]*$/.test(operation.path) || operation.path === '/'
  const placed = remote ? [] : fromPath(operation, paths, list)
  const all = remote ? [...said, ...fromPath(operation, paths, list)] : [...placed, ...said]
  // What is called a list is read page by page; the others only have that name.
  return [...new Set(list ? all : all.map((name) => name.replace(/\.list$/, '.getList')))]
}

function fromPath(operation: OperationModel, paths: ReadonlyMap<string, ReadonlySet<string>>, list: boolean): string[] {
  const { method, path } = operation
  const segments = path.split('/').filter((segment) => segment !== '')
  const ends = segments.at(-1)?.includes('{') === true && !/^[^{]*[A-Za-z][^{]*\{/.test(segments.at(-1) ?? '')
  const literals = segments
    .filter((segment) => !/^\{[^{}]*\}$/.test(segment))
    .map((one) => one.replaceAll(/\{[^{}]*\}|['()]/g, ' '))
  const nouns = literals
    .filter((one, at) => !noise.test(one) || at === literals.length - 1)
    .map(wordsOf)
    .filter((words) => words.length > 0)
  const last = nouns.at(-1) ?? []
  const said = last[0]?.toLowerCase() ?? ''
  const action = !ends && nouns.length > 1 && verbs.has(said) && !isPlural(last[0] ?? '')
  const only = paths.get(path)
  const above = segments.at(-2)?.startsWith('{') === true
  const does =
    action && (method === 'POST' || method === 'PUT' || method === 'PATCH' || (method === 'GET' && only?.size === 1))
  const poked =
    !does && !ends && above && method === 'POST' && only?.size === 1 && !isPlural(last.at(-1) ?? '') && last.length > 0
  const verb = does || poked ? camelOf(last, 'call') : verbOf(method, ends, only, list)
  const things = does || poked ? nouns.slice(0, -1) : nouns
  const found: string[] = []
  for (const count of [1, 2, 3, things.length]) {
    const words = things
      .slice(Math.max(0, things.length - count))
      .flatMap((one) => [...one.slice(0, -1), singular(one.at(-1) ?? '')])
    found.push(`${nounOf(words)}.${verb}`)
    if (count >= things.length) break
  }
  const by = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? '')
  if (by.length > 0 && found.length > 0)
    found.push(`${found.at(-1)}${capital(camelOf(['by', ...by.flatMap(wordsOf)], 'by'))}`)
  return found
}

function verbOf(method: string, ends: boolean, methods: ReadonlySet<string> | undefined, list: boolean): string {
  switch (method) {
    case 'GET':
      return list ? 'list' : 'get'
    case 'POST':
      return ends ? 'update' : 'create'
    case 'PUT':
      return methods?.has('PATCH') === true || methods?.has('POST') === true ? 'replace' : 'update'
    case 'PATCH':
      return 'update'
    case 'DELETE':
      return 'delete'
    case 'HEAD':
      return 'check'
    default:
      return method.toLowerCase()
  }
}

/** `pets/list`, `listPets`, `Pets_List`, `pet.create`. */
function fromId({ id, method }: OperationModel): string[] {
  if (id === undefined) return []
  const groups = id
    .split(/[./:#]|_(?=[A-Z])/)
    .map(wordsOf)
    .filter((words) => words.length > 0)
  const last = groups.at(-1) ?? []
  const before = groups.slice(0, -1).flat()
  const at = last.findIndex((word) => verbs.has(word.toLowerCase()))
  const found: string[] = []
  if (before.length > 0)
    found.push(`${nounOf([...before.slice(0, -1), singular(before.at(-1) ?? '')])}.${camelOf(last, 'call')}`)
  if (at === 0 && last.length > 1) {
    const rest = last.slice(1)
    found.push(`${nounOf([...rest.slice(0, -1), singular(rest.at(-1) ?? '')])}.${camelOf([last[0] ?? ''], 'call')}`)
    found.push(`${nounOf([...before, ...rest])}.${camelOf([last[0] ?? ''], 'call')}`)
  } else if (at > 0) found.push(`${nounOf(last.slice(0, at))}.${camelOf(last.slice(at), 'call')}`)
  else found.push(`${nounOf(last)}.${method === 'GET' ? 'get' : method === 'DELETE' ? 'delete' : 'call'}`)
  return found
}

/** What is called a list is read page by page, and some nouns belong to every object. */
function unreserved(name: string): string {
  const [noun = '', verb = ''] = name.split('.')
  return `${reserved.has(noun) ? `${noun}Resource` : noun}.${verb === 'list' ? 'getList' : verb}`
}

function nounOf(words: readonly string[]): string {
  const noun = camelOf(words, 'resource')
  return reserved.has(noun) ? `${noun}Resource` : noun
}

function capital(word: string): string {
  return `${word[0]?.toUpperCase()}${word.slice(1)}`
}
