import type { Scope } from '../call.ts'
import { lazyCode } from '../lazy.ts'
import type { CacheGate } from './cache-gate.ts'
import { type CacheOptions, checkRule } from './cache-options.ts'
import { numberOptions, refuseOption, wordOption } from './check-options.ts'
import { LazyGate } from './lazy-gate.ts'

type Code = typeof import('./cache-gate.ts')

const code = lazyCode<Code>(() => import('./cache-gate.ts'))

/**
 * Answers reads from memory. Belongs to one connection, so to one credential; the key is tenant, operation and input. Answers that are
 * no plain data (streams, instances of classes) are neither kept nor shared. Its code is loaded by the connections that use it.
 */
export function cachePolicy(options: CacheOptions, scope: Scope): LazyGate<Code, CacheGate> {
  const { operations = {}, singleFlight = true, forgetOnWrite = true, store } = options
  const common = checkRule('cache', options)
  const own = Object.entries(operations).map(
    ([name, rule]) => rule !== false && checkRule(`cache.operations.${name}`, rule, common),
  )
  if (!singleFlight && [common, ...own].some((rule) => rule !== false && rule.staleWhileRevalidateMs > 0))
    refuseOption('cache.staleWhileRevalidateMs', 'needs cache.singleFlight: it is about who asks meanwhile')
  const size = numberOptions('cache', options, {
    maxEntries: [1_000, 1, Number.POSITIVE_INFINITY, 'whole'],
    maxBytes: [16 * 1024 * 1024, 1],
  })
  const values = wordOption('cache.values', options.values, 'clone', ['clone', 'freeze'])
  if (store !== undefined) checkStore(store.partition, scope)
  const settings = {
    ...common,
    operations,
    ...size,
    singleFlight,
    values,
    forgetOnWrite,
    store: store ?? (false as const),
  }
  return new LazyGate({
    name: 'cache',
    settings,
    code,
    appliesTo: ({ effect, name }) => (effect === 'read' ? operations[name] !== false : forgetOnWrite),
    make: ({ CacheGate }) => new CacheGate(settings, common, scope),
  })
}

function checkStore(partition: unknown, scope: Scope): void {
  if (scope.store === undefined) refuseOption('cache.store', 'needs a store: give one to connect()')
  if (typeof partition !== 'string' || partition === '')
    refuseOption('cache.store.partition', 'must name the account and credential that the answers belong to')
}
