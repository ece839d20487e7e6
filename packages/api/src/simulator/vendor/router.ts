import { type OperationPlan, routeOf } from './operation-plan.ts'
import type { VendorPlace } from './place.ts'
import type { VendorRequest } from './request.ts'

/** The operation of a request, with the values in its path. */
export interface Routed {
  readonly plan: OperationPlan
  readonly path: Readonly<Record<string, string>>
  /** A request of a list besides the one that the operation states. */
  readonly part: 'poll' | 'download' | 'continue' | undefined
}

interface Route {
  readonly plan: OperationPlan
  readonly base: string
  readonly method: string
  readonly pattern: RegExp
  readonly placeholders: readonly string[]
  readonly weight: number
  readonly part: Routed['part']
}

/** Finds the operation of a request by origin, method, path and what the manifest fixes. */
export class Router {
  readonly #routes: readonly Route[]
  readonly #hosts: ReadonlySet<string>

  constructor(plans: readonly OperationPlan[], place: VendorPlace) {
    const bases = [place.base, ...place.origins.values()].filter((base) => URL.canParse(base))
    this.#hosts = new Set(bases.map((base) => new URL(base).host))
    this.#routes = plans
      .flatMap((plan) =>
        routesOf(plan, plan.origin === undefined ? place.base : (place.origins.get(plan.origin) ?? '')),
      )
      .sort((a, b) => b.weight - a.weight)
  }

  /** @param preferred the operation to take where several share a route: only whoever sends the request knows */
  route(
    request: VendorRequest,
    preferred?: string,
  ): { readonly found?: Routed; readonly problem?: 'host' | 'path' | 'method' } {
    const { url, method } = request
    const hostKnown = this.#hosts.has(url.host)
    let otherMethod = false
    let first: Routed | undefined
    for (const { plan, base, method: wanted, pattern, placeholders, part } of this.#routes) {
      if (!URL.canParse(base)) continue
      const { host, pathname } = new URL(base)
      const prefix = pathname.replace(/\/+$/, '')
      if (host !== url.host || !url.pathname.startsWith(prefix)) continue
      const match = pattern.exec(url.pathname.slice(prefix.length))
      if (match === null) continue
      if (wanted !== method) {
        otherMethod = true
        continue
      }
      if (part === undefined && !plan.matches(request)) continue
      const path = Object.fromEntries(
        placeholders.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]),
      )
      if (preferred === undefined || plan.name === preferred) return { found: { plan, path, part } }
      first ??= { plan, path, part }
    }
    if (first !== undefined) return { found: first }
    return { problem: !hostKnown ? 'host' : otherMethod ? 'method' : 'path' }
  }
}

function routesOf(plan: OperationPlan, base: string): Route[] {
  const { pattern, placeholders, method, weight, pagination } = plan
  const routes: Route[] = [{ plan, base, method, pattern, placeholders, weight, part: undefined }]
  const further = (request: string, part: Routed['part']): void => {
    const [verb = '', target = ''] = request.split(' ')
    const template = target.split('?')[0] ?? ''
    routes.push({
      plan,
      base,
      method: verb,
      ...routeOf(template),
      weight: template.replace(/\{[^}]*\}/g, '').length,
      part,
    })
  }
  if (pagination?.kind === 'export-job') {
    further(pagination.poll.request, 'poll')
    further(pagination.download.request, 'download')
  }
  if (pagination?.kind === 'scroll') further(pagination.continue.request, 'continue')
  const paths = pagination !== undefined && 'paths' in pagination ? (pagination.paths ?? []) : []
  for (const path of paths) further(`${method} ${path.replaceAll('{}', '{segment}')}`, 'continue')
  return routes
}
