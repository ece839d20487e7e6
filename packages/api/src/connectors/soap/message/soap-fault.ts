import type { ErrorFacts, ErrorKind, Issue } from '@patchbay/core'
import type { CleanText } from '@patchbay/core/http'
import type { SoapOperation } from '../description/description-model.ts'
import { toAnyXml } from '../schema/any-xml.ts'
import { readXml } from '../schema/read-value.ts'
import type { SchemaSet } from '../schema/schema-set.ts'
import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { FaultDetail, SoapFault } from './fault-detail.ts'

/** The kinds that a connection gives to faults by their code, subcode or the name of their detail. */
export type FaultKinds = Readonly<Record<string, ErrorKind>>

export interface FaultReading {
  readonly schemas: SchemaSet
  readonly operation: SoapOperation
  readonly status: number | undefined
  readonly kinds: FaultKinds
  readonly clean: CleanText
}

interface Parts {
  readonly codes: readonly string[]
  readonly reason: string | undefined
  readonly role: string | undefined
  readonly node: string | undefined
  readonly detail: XmlElement | undefined
}

/** A Fault element as facts; the typed fault is their cause, see {@link import('./fault-detail.ts').soapFaultOf}. */
export function faultFacts(fault: XmlElement, reading: FaultReading): ErrorFacts {
  const parts = fault.uri === namespaces.envelope11 ? readFault11(fault) : readFault12(fault)
  const detail = detailOf(parts.detail, reading)
  const code = shownCode(parts.codes.at(-1) ?? parts.codes[0])
  const reason = parts.reason === undefined ? undefined : reading.clean(parts.reason)
  const names = [...parts.codes.map(localName), ...(detail === undefined ? [] : [detail.name, localName(detail.name)])]
  const kind = kindOf(names, detail, reading.kinds)
  const cause = new SoapFault({
    code: shownCode(parts.codes[0]),
    subcodes: parts.codes.slice(1).flatMap((one) => shownCode(one) ?? []),
    reason,
    role: parts.role === undefined ? undefined : reading.clean(parts.role),
    node: parts.node === undefined ? undefined : reading.clean(parts.node),
    detail,
  })
  return {
    kind,
    code: detail?.declared === true ? detail.local : code,
    status: reading.status,
    sent: 'all',
    message: `the SOAP server answered with a fault${reason === undefined ? '' : `: ${reason}`}`,
    issues: detail === undefined ? undefined : issuesOf(detail, reading.clean),
    cause,
  }
}

/** SOAP 1.1 section 4.4. Subcodes follow the code after dots, or the code itself is one of another specification. */
function readFault11(fault: XmlElement): Parts {
  const child = (local: string) => fault.first('', local) ?? fault.first(namespaces.envelope11, local)
  return {
    codes: [child('faultcode')?.text.trim() ?? ''].filter(Boolean),
    reason: child('faultstring')?.text,
    role: child('faultactor')?.text,
    node: undefined,
    detail: child('detail'),
  }
}

/** SOAP 1.2 part 1 section 5.4. */
function readFault12(fault: XmlElement): Parts {
  const child = (of: XmlElement | undefined, local: string) => of?.first(namespaces.envelope12, local)
  const codes: string[] = []
  for (let at = child(fault, 'Code'); at !== undefined && codes.length < 10; at = child(at, 'Subcode')) {
    const value = child(at, 'Value')?.text.trim()
    if (value !== undefined && value !== '') codes.push(value)
  }
  const texts = child(fault, 'Reason')?.all(namespaces.envelope12, 'Text') ?? []
  const english = texts.find((text) => /^en\b/i.test(text.attribute('lang', namespaces.xml) ?? ''))
  return {
    codes,
    reason: (english ?? texts[0])?.text,
    role: child(fault, 'Role')?.text,
    node: child(fault, 'Node')?.text,
    detail: child(fault, 'Detail'),
  }
}

/** The first detail that the operation declares; else the first that there is, as it stands. */
function detailOf(detail: XmlElement | undefined, { schemas, operation }: FaultReading): FaultDetail | undefined {
  const found = detail?.elements ?? []
  for (const element of found) {
    const declared = operation.faults.find((one) => one.name === element.name) ?? schemas.elements.get(element.name)
    if (declared === undefined) continue
    try {
      const value = readXml(element, declared, { schemas, lenient: true, issues: [] }, 'detail')
      return new FaultDetail(
        element.name,
        element.local,
        value,
        operation.faults.some(({ name }) => name === element.name),
      )
    } catch {
      // A detail that does not fit its own schema is still told, as it stands.
    }
  }
  const [first] = found
  return first === undefined ? undefined : new FaultDetail(first.name, first.local, toAnyXml(first), false)
}

/** Core's kinds for what the specifications name; a fault that the service declares is its answer, so nothing is tried again for it. */
const known: Readonly<Record<string, ErrorKind>> = {
  FailedAuthentication: 'credential',
  InvalidSecurityToken: 'credential',
  InvalidSecurity: 'credential',
  SecurityTokenUnavailable: 'credential',
  UnsupportedSecurityToken: 'credential',
  FailedCheck: 'credential',
  MessageExpired: 'credential',
  VersionMismatch: 'protocol',
  MustUnderstand: 'protocol',
  DataEncodingUnknown: 'protocol',
  ActionNotSupported: 'protocol',
  MessageAddressingHeaderRequired: 'protocol',
  InvalidAddressingHeader: 'protocol',
}

function kindOf(names: readonly string[], detail: FaultDetail | undefined, kinds: FaultKinds): ErrorKind {
  for (const name of [...names].reverse()) if (Object.hasOwn(kinds, name)) return kinds[name] as ErrorKind
  for (const name of names) if (Object.hasOwn(known, name)) return known[name] as ErrorKind
  const [code = ''] = names
  if (/^(?:Client|Sender)\b/.test(code)) return 'invalid-input'
  if (/^(?:Server|Receiver)\b/.test(code)) return detail?.declared === true ? 'unexpected' : 'unavailable'
  return 'unexpected'
}

function localName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf(':'), name.lastIndexOf('}')) + 1).trim()
}

function shownCode(name: string | undefined): string | undefined {
  const local = name === undefined ? '' : localName(name)
  return /^[\w.-]{1,64}$/.test(local) ? local : undefined
}

const mostIssues = 12
const deepest = 6

/** The texts of a detail, each with its path: what a person needs to correct the request. */
function issuesOf({ local, value }: FaultDetail, clean: CleanText): readonly Issue[] {
  const issues: Issue[] = []
  const add = (path: string, one: unknown, depth: number): void => {
    if (issues.length >= mostIssues || depth > deepest) return
    if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') {
      const message = clean(String(one))
      const at = clean(path)
      if (message !== undefined) issues.push({ path: at ?? 'detail', message })
    } else if (typeof one === 'object' && one !== null && !(one instanceof Uint8Array)) {
      for (const [key, inner] of Object.entries(one)) {
        if (key !== '#type' && key !== '#content') add(`${path}.${key}`, inner, depth + 1)
      }
    }
  }
  add(`detail.${local}`, value, 0)
  return issues
}
