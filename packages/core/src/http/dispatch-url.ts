import { Fault } from '../errors.ts'
import { GuardRefusal } from './url-guard.ts'

/** User information needs an at sign; the redirects' own is looked for where they are. */
export function parsedUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null) throw new GuardRefusal('it is no absolute URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new GuardRefusal(`its scheme is ${url.protocol}`)
  if (text.includes('@') && (url.username !== '' || url.password !== '')) {
    throw new GuardRefusal('it holds user information')
  }
  return url
}

export function redirectLoop(url: URL): Fault {
  const message = `${url.origin} redirects in a circle`
  return new Fault({ kind: 'protocol', retry: 'never', sent: 'all', code: 'redirect-loop', message })
}
