import { isIP, type LookupFunction } from 'node:net'
import { type Clock, systemClock } from '../../clock.ts'

/** What one question gets. IPv4 and IPv6 addresses may be mixed; a family without an address answers that there is none. */
export type DnsAnswer =
  | { readonly addresses: readonly string[]; readonly afterMs?: number }
  | { readonly fails: 'NXDOMAIN' | 'SERVFAIL'; readonly afterMs?: number }

/** The same answer each time, answers in turn whose last one stays (rebinding), or answers in a circle (flapping). */
export type DnsScript =
  | DnsAnswer
  | { readonly sequence: readonly DnsAnswer[] }
  | { readonly cycle: readonly DnsAnswer[] }

export interface DnsQuery {
  readonly hostname: string
  /** 0 asks for both families. */
  readonly family: 0 | 4 | 6
}

/** Name resolution from a script, for clients that accept a `lookup`. */
export interface FakeDns {
  /** Stands for `dns.lookup`, with its errors and its forms (`all`, `family`). Addresses pass unresolved, as there. */
  readonly lookup: LookupFunction
  /** Every name asked for, oldest first. */
  readonly queries: readonly DnsQuery[]
  /** Replaces what a name resolves to, from its first answer. */
  set(hostname: string, script: DnsScript): void
  /** Gives up answers that are still delayed: their callbacks never run. */
  close(): void
}

interface Address {
  readonly address: string
  readonly family: number
}

type Callback = (error: NodeJS.ErrnoException | null, address: string | Address[], family?: number) => void

/** Names that the script does not know do not exist. Names are compared without case and without a final dot. */
export function fakeDns(
  script: Readonly<Record<string, DnsScript>> = {},
  clock: Pick<Clock, 'timer'> = systemClock,
): FakeDns {
  const scripts = new Map(Object.entries(script).map(([name, entry]) => [plainName(name), entry]))
  const asked = new Map<string, number>()
  const queries: DnsQuery[] = []
  const waiting = new Set<() => void>()

  const after = (ms: number, task: () => void): void => {
    const stop = clock.timer(ms, () => {
      waiting.delete(stop)
      task()
    })
    waiting.add(stop)
  }

  const lookup = (hostname: string, options: LookupOptions | number | null | undefined, callback: Callback): void => {
    const { all, family } = plainOptions(options)
    const reply = (error: NodeJS.ErrnoException | undefined, found: readonly Address[]): void => {
      const [first] = found
      if (error !== undefined || first === undefined) callback(error ?? failed('ENOTFOUND', hostname), all ? [] : '', 0)
      else if (all) callback(null, [...found])
      else callback(null, first.address, first.family)
    }
    const literal = isIP(hostname)
    if (literal !== 0) {
      queueMicrotask(() => reply(undefined, [{ address: hostname, family: literal }]))
      return
    }
    queries.push({ hostname, family })
    const name = plainName(hostname)
    const count = asked.get(name) ?? 0
    asked.set(name, count + 1)
    const answer = answerOf(scripts.get(name) ?? { fails: 'NXDOMAIN' }, count)
    const deliver = (): void => {
      if ('fails' in answer) reply(failed(answer.fails === 'NXDOMAIN' ? 'ENOTFOUND' : 'EAI_AGAIN', hostname), [])
      else {
        const found = answer.addresses.map((address) => ({ address, family: isIP(address) }))
        reply(undefined, family === 0 ? found : found.filter((entry) => entry.family === family))
      }
    }
    if (answer.afterMs === undefined) queueMicrotask(deliver)
    else after(answer.afterMs, deliver)
  }

  return {
    lookup: lookup as LookupFunction,
    queries,
    set(hostname, entry) {
      scripts.set(plainName(hostname), entry)
      asked.delete(plainName(hostname))
    },
    close() {
      for (const stop of waiting) stop()
      waiting.clear()
    },
  }
}

interface LookupOptions {
  readonly all?: boolean | undefined
  readonly family?: number | string | undefined
}

function plainOptions(options: LookupOptions | number | null | undefined): { all: boolean; family: 0 | 4 | 6 } {
  const { all = false, family = 0 } = typeof options === 'number' ? { family: options } : (options ?? {})
  const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : Number(family)
  return { all, family: wanted === 4 || wanted === 6 ? wanted : 0 }
}

function answerOf(script: DnsScript, count: number): DnsAnswer {
  if (!('sequence' in script) && !('cycle' in script)) return script
  const list = 'sequence' in script ? script.sequence : script.cycle
  const place = 'sequence' in script ? Math.min(count, list.length - 1) : count % list.length
  return list[place] ?? { fails: 'NXDOMAIN' }
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

function failed(code: 'ENOTFOUND' | 'EAI_AGAIN', hostname: string): NodeJS.ErrnoException {
  const error = new Error(`getaddrinfo ${code} ${hostname}`)
  return Object.assign(error, { code, errno: code === 'ENOTFOUND' ? -3008 : -3001, syscall: 'getaddrinfo', hostname })
}
