import { Fault } from '@patchbay/core'
import type { PageAnswer, Paging } from '@patchbay/core/http'

/**
 * Keeps links of the vendor to the list that they belong to. A position is the query of the link, so neither a vendor nor whoever hands in
 * a `$page` can lead a request to another host or path. Where vendors are known to link elsewhere, the manifest names the paths.
 * @param paths below the base URL, `{}` for one segment
 */
export function safeLinks(inner: Pick<Paging, 'next'>, paths: readonly string[]): Paging {
  const patterns = paths.map(pathPattern)
  return {
    request(base, position) {
      if (position === undefined) return base
      const own = base.path ?? '/'
      const link = position.startsWith('?') ? `.${own}${position}` : position
      const { query: _, ...rest } = base
      const same = pathOf(own)
      return { ...rest, link, linkPath: (path) => path === same || patterns.some((pattern) => pattern.test(path)) }
    },
    next(answer) {
      // The inner kind gives whole URLs and would not see that a shortened one repeats.
      const href = inner.next({ ...answer, position: undefined })
      return href === undefined ? undefined : shortened(href, answer)
    },
  }
}

/** As the URL parser writes it. */
const pathOf = (path: string): string =>
  URL.canParse(path, 'http://any') ? new URL(path, 'http://any').pathname : path

function shortened(href: string, { reply, position }: PageAnswer): string {
  const link = new URL(href)
  const own = new URL(reply.url)
  // Behind a proxy that ends TLS, some vendors write http links to their own address.
  const sameHost = link.host === own.host && (link.protocol === own.protocol || link.protocol === 'http:')
  const next = sameHost && link.pathname === own.pathname ? link.search || '?' : href
  if (next !== position) return next
  const message = 'the vendor gave the same next page twice; reading on would never end'
  throw new Fault({ kind: 'protocol', code: 'cursor-repeated', sent: 'all', message })
}

function pathPattern(path: string): RegExp {
  const parts = path.split('{}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^/]+')}$`)
}
