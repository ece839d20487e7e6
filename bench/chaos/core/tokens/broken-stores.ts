import type { Store, Write } from '@patchbay/core'

type Change = (write: Write) => Write

const changes: Readonly<Record<string, Change>> = {
  /** The intent to use the refresh token is never written: after a crash nobody knows that it may be spent. */
  'no-write-ahead': (write) => {
    if (write.kind !== 'put' || !write.key.startsWith('credential/') || write.key.endsWith('/lease')) return write
    return { ...write, value: JSON.stringify({ ...JSON.parse(write.value), pending: undefined }) }
  },
  /** The lease is given to everybody who asks. */
  'no-lease': (write) =>
    write.kind === 'put' && write.key.endsWith('/lease') ? { ...write, ifVersion: undefined } : write,
}

/** A store that breaks one guarantee of the token renewal. */
export function brokenStore(inner: Store, sabotage: string | undefined): Store {
  const change = changes[sabotage ?? '']
  if (change === undefined) return inner
  return {
    get: (key) => inner.get(key),
    list: (prefix, options) => inner.list(prefix, options),
    read: (log, after, limit) => inner.read(log, after, limit),
    trim: (log, upTo) => inner.trim(log, upTo),
    close: () => inner.close(),
    write: (groups) => inner.write(groups.map((group) => group.map(change))),
  }
}
