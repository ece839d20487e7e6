import type { LookupFunction } from 'node:net'
import type { ResolvedAddress } from './address.ts'
import { type ResolveAddresses, resolveGuarded, type UrlGuard } from './url-guard.ts'

/** Whose name is resolved, and who checks the answers. */
export interface LookupTarget {
  readonly host: string
  readonly port: number
  /** Undefined: the host is trusted. */
  readonly guard: UrlGuard | undefined
  readonly resolve: ResolveAddresses
}

/** The name resolution that sockets use: every answer passes the guard, so the address that was checked is the one connected to. */
export function guardedLookup(target: LookupTarget): LookupFunction {
  const { guard, resolve, host, port } = target
  return (_name, options, callback) => {
    const answers = guard === undefined ? resolve(host) : resolveGuarded(guard, resolve, host, port)
    answers.then(
      (all) => {
        const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0)
        const fitting = family === 0 ? all : all.filter((answer) => answer.family === family)
        answer(host, fitting, options.all === true, callback)
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
}

function answer(
  host: string,
  addresses: readonly ResolvedAddress[],
  all: boolean,
  callback: Parameters<LookupFunction>[2],
): void {
  const [first] = addresses
  if (first === undefined) callback(noAddress(host), [])
  else if (all) callback(null, [...addresses])
  else callback(null, first.address, first.family)
}

export function noAddress(host: string): Error {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
}
