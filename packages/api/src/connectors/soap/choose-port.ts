import { configFault } from './config-fault.ts'
import type { SoapDescription, SoapPort } from './description/description-model.ts'
import type { WsdlText, WsdlUrl } from './description/index.ts'

/** The port that a config means. Ports that differ in nothing but the version of SOAP are one: the first is taken. */
export function choosePort(
  { ports }: SoapDescription,
  { service, port }: { readonly service?: string | undefined; readonly port?: string | undefined },
): SoapPort {
  const named = ports.filter((one) => (service ?? one.service) === one.service && (port ?? one.name) === one.name)
  const [first] = named
  const all =
    ports
      .map((one) => `${one.service}/${one.name}`)
      .slice(0, 20)
      .join(', ') || 'none'
  if (first === undefined) {
    if (ports.length === 0) throw configFault('wsdl', 'has no port with a SOAP binding over HTTP')
    throw configFault(service === undefined ? 'port' : 'service', `names no port of the WSDL; there are ${all}`)
  }
  if (named.some((one) => one.portType !== first.portType || one.service !== first.service))
    throw configFault('port', `is missing: the WSDL has several ports: ${all}`)
  return first
}

/**
 * Where calls, and with them the credential, go. An address that the WSDL tells counts only at the WSDL's own origin: otherwise whoever can
 * change that document could send the credential anywhere.
 */
export function endpointOf(port: SoapPort, endpoint: string | undefined, wsdl: WsdlText | WsdlUrl): string {
  const stated = endpoint ?? port.address
  const url = stated === undefined ? null : URL.parse(stated)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw configFault('endpoint', 'is missing: the WSDL has no address over http or https for this port')
  if (endpoint === undefined && 'url' in wsdl && URL.parse(wsdl.url)?.origin !== url.origin)
    throw configFault(
      'endpoint',
      `is missing: the WSDL names an address at ${url.origin}, which is not where it came from. Set "endpoint" to where calls shall go`,
    )
  url.hash = ''
  return url.href
}
