import type { Draws } from './draws.ts'

/** Milliseconds of a day, and how far back plausible dates lie. */
const day = 86_400_000
const span = 90 * day

const firstNames = ['Ada', 'Grace', 'Linus', 'Margaret', 'Dennis', 'Barbara', 'Ken', 'Radia', 'Tim', 'Frances']
const lastNames = ['Lovelace', 'Hopper', 'Hamilton', 'Ritchie', 'Liskov', 'Thompson', 'Perlman', 'Allen', 'Moore']
const nouns = ['gateway', 'database', 'queue', 'cluster', 'backup', 'login', 'invoice', 'report', 'sensor', 'cache']
const adjectives = ['primary', 'slow', 'stale', 'regional', 'failed', 'open', 'new', 'daily', 'critical', 'shared']
const letters = 'abcdefghijklmnopqrstuvwxyz'
const hexadecimal = '0123456789abcdef'
const alphanumeric = `${letters}0123456789`

export interface TextContext {
  readonly draws: Draws
  /** Milliseconds since 1970 that plausible dates lie before. */
  readonly now: number
}

type Maker = (context: TextContext) => string

/** A text of a format (JSON Schema Validation 7.3, OpenAPI); undefined for formats that are not known. */
export function sampleFormat(format: string, context: TextContext): string | undefined {
  return formats.get(format)?.(context)
}

const moment: Maker = ({ draws, now }) => new Date(now - Math.floor(draws.between(0, span) / 1000) * 1000).toISOString()
const dateTime: Maker = (context) => moment(context).replace('.000Z', 'Z')
const host: Maker = ({ draws }) => `${draws.pick(nouns)}-${draws.whole(1, 99)}.example.com`
const bytes: Maker = ({ draws }) => Buffer.from(draws.text(alphanumeric, draws.whole(3, 12))).toString('base64')
const email: Maker = ({ draws }) =>
  `${draws.pick(firstNames)}.${draws.pick(lastNames)}${draws.whole(1, 99)}@example.com`.toLowerCase()
const url: Maker = (context) => `https://${host(context)}/${context.draws.pick(nouns)}/${context.draws.whole(1, 9999)}`

const formats: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['date-time', dateTime],
  ['date', (context) => dateTime(context).slice(0, 10)],
  ['time', (context) => dateTime(context).slice(11)],
  ['duration', ({ draws }) => `P${draws.whole(0, 9)}DT${draws.whole(0, 23)}H${draws.whole(0, 59)}M`],
  ['email', email],
  ['idn-email', email],
  ['hostname', host],
  ['idn-hostname', host],
  ['ipv4', ({ draws }) => `192.0.2.${draws.whole(1, 254)}`],
  ['ipv6', ({ draws }) => `2001:db8::${draws.whole(1, 65_535).toString(16)}`],
  ['uri', url],
  ['url', url],
  ['iri', url],
  ['uri-reference', ({ draws }) => `/${draws.pick(nouns)}/${draws.whole(1, 9999)}`],
  ['uuid', ({ draws }) => draws.uuid()],
  ['json-pointer', ({ draws }) => `/${draws.pick(nouns)}/${draws.whole(0, 9)}`],
  ['byte', bytes],
  ['base64', bytes],
])

/** By the last words of a field's name, in snake_case; the first that fits wins. */
const byName: readonly (readonly [RegExp, Maker])[] = [
  [/(?:^|_)(?:uuid|guid)$/, ({ draws }) => draws.uuid()],
  [/(?:^|_)(?:id|key|ref|number)$/, ({ draws }) => draws.text(alphanumeric, 12)],
  [/e_?mail(?:_address)?$/, email],
  [/(?:^|_)(?:at|time|timestamp|datetime|on|since|until)$/, dateTime],
  [/(?:^|_)date$/, (context) => dateTime(context).slice(0, 10)],
  [/(?:^|_)(?:url|uri|href|link|website|avatar|self)$/, url],
  [/(?:^|_)(?:host|hostname|domain|fqdn)$/, host],
  [/(?:^|_)(?:ip|ip_address|ipv4)$/, ({ draws }) => `192.0.2.${draws.whole(1, 254)}`],
  [/(?:^|_)first_name$|given_?name$/, ({ draws }) => draws.pick(firstNames)],
  [/(?:^|_)last_name$|(?:family|sur)_?name$/, ({ draws }) => draws.pick(lastNames)],
  [/(?:^|_)(?:full_name|display_name|user_?name|login|author|owner)$/, ({ draws }) => person(draws)],
  [/(?:^|_)phone(?:_number)?$/, ({ draws }) => `+1555010${draws.whole(1000, 9999)}`],
  [/(?:^|_)(?:sha|hash|digest|checksum|fingerprint|etag)(?:\d+)?$/, ({ draws }) => draws.text(hexadecimal, 40)],
  [/(?:^|_)(?:cursor|token|secret)$/, ({ draws }) => draws.text(alphanumeric, 24)],
  [/(?:^|_)(?:country|country_code)$/, ({ draws }) => draws.pick(['DE', 'FR', 'JP', 'NZ', 'SE', 'US'])],
  [/(?:^|_)(?:locale|language)$/, ({ draws }) => draws.pick(['de', 'en', 'fr', 'ja'])],
  [/(?:^|_)(?:time_?zone|tz)$/, ({ draws }) => draws.pick(['Europe/Berlin', 'America/New_York', 'UTC'])],
  [/(?:^|_)version$/, ({ draws }) => `${draws.whole(0, 9)}.${draws.whole(0, 20)}.${draws.whole(0, 20)}`],
  [/(?:^|_)(?:name|slug)$/, ({ draws }) => `${draws.pick(adjectives)}-${draws.pick(nouns)}`],
  [/(?:^|_)(?:title|summary|subject|description|message|text|body|comment|note)$/, ({ draws }) => sentence(draws)],
]

/** A text that suits the name of its field. */
export function sampleNamed(name: string, context: TextContext): string {
  const plain = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase()
  const found = byName.find(([shape]) => shape.test(plain))
  return found === undefined ? context.draws.pick(nouns) : found[1](context)
}

/** Letters to reach a length with. */
export function fillText(text: string, length: number, draws: Draws): string {
  return text + draws.text(letters, Math.max(0, length - [...text].length))
}

function person(draws: Draws): string {
  return `${draws.pick(firstNames)} ${draws.pick(lastNames)}`
}

function sentence(draws: Draws): string {
  return `The ${draws.pick(adjectives)} ${draws.pick(nouns)} needs a ${draws.pick(adjectives)} ${draws.pick(nouns)}`
}
