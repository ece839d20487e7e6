import type { ConnectorDescription, LimitDescription, OperationDescription } from '../description.ts'
import { code, link, table, words } from './escape.ts'
import { helpWords, propertyRows, typeWords } from './schema-words.ts'

const minute = 60_000

/** `100 per minute`. */
function rateWords({ units, perMs }: LimitDescription): string {
  const spans: readonly [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [minute, 'minute'],
    [1000, 'second'],
  ]
  for (const [ms, name] of spans)
    if (perMs % ms === 0) return `${units} per ${perMs === ms ? name : `${perMs / ms} ${name}s`}`
  return `${units} per ${perMs} ms`
}

const paragraph = (...parts: (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ')

/** Documentation of a connector as Markdown (CommonMark with GitHub's tables). Every text of the connector is escaped. */
export function markdownOf(description: ConnectorDescription): string {
  const { title, summary, vendor, documentation, version, stage, evidence, credentials, operations } = description
  const blocks = [
    `# ${words(title)}`,
    words(summary),
    table(
      ['', ''],
      [
        ['Id', code(description.id)],
        ['Version', code(version)],
        ...(vendor === undefined
          ? []
          : [['Vendor', vendor.homepage === undefined ? words(vendor.name) : link(vendor.name, vendor.homepage)]]),
        ...(documentation === undefined ? [] : [['Documentation', link(documentation, documentation)]]),
        ...(stage === undefined || stage === 'stable' ? [] : [['Stage', words(stage)]]),
        ...(evidence === undefined ? [] : [['Evidence', words(evidence)]]),
      ],
    ),
    ...addressBlocks(description),
    ...section('Configuration', table(['Field', 'Type', 'Required', 'Meaning'], propertyRows(description.config))),
    ...(credentials.length === 0 ? [] : ['## Credentials', ...credentials.flatMap(credentialBlocks)]),
    ...section('Limits', table(['Limit', 'Counted per', 'For', 'Source'], description.limits.map(limitRow))),
    ...(operations.length === 0
      ? []
      : [
          '## Operations',
          table(
            ['Operation', 'Effect', 'Risk', ''],
            operations.map((one) => [code(one.name), one.effect, one.risk, words(one.summary ?? '')]),
          ),
          ...operations.flatMap(operationBlocks),
        ]),
    ...section(
      'Streams',
      table(
        ['Stream', 'Reads', 'Cursor', 'Order', 'Late records', ''],
        description.streams.map((one) => [
          code(one.name),
          one.operation === undefined ? '' : code(one.operation),
          words(paragraph(one.cursor, one.boundary === undefined ? undefined : `(${one.boundary})`)),
          words(one.order),
          one.lagMs === undefined ? '' : `${one.lagMs / 1000} s`,
          words(one.summary ?? ''),
        ]),
      ),
    ),
    ...description.webhooks.flatMap((one, index) => [
      ...(index === 0 ? ['## Webhooks'] : []),
      `### ${code(one.name)}`,
      paragraph(
        words(one.summary ?? ''),
        one.verification === 'none' ? 'Messages carry no signature.' : `Verified by ${code(one.verification)}.`,
        one.documentation === undefined ? undefined : link("The vendor's page", one.documentation),
      ),
      table(
        ['Event', ''],
        one.events.map(({ type, summary: text }) => [code(type), words(text ?? '')]),
      ),
    ]),
    ...section(
      'Mappings',
      table(
        ['Mapping', 'From', 'To', 'Fields', 'Left out'],
        description.mappings.map((one) => [
          code(one.name),
          code(one.from),
          code(one.model),
          one.fields.map(code).join(', '),
          one.unmapped.map(code).join(', '),
        ]),
      ),
    ),
    ...schemaBlocks(description),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

const section = (title: string, body: string): string[] => (body === '' ? [] : [`## ${title}`, body])

const addressBlocks = ({ addresses }: ConnectorDescription): string[] =>
  section(
    'Where it runs',
    table(
      ['Deployment', 'Kind', 'Region', 'URL'],
      addresses.flatMap(({ id, kind, urls }) =>
        urls.map(({ region, url }) => [code(id), words(kind), region === undefined ? '' : code(region), code(url)]),
      ),
    ),
  )

const limitRow = (limit: LimitDescription): string[] => [
  rateWords(limit),
  words(limit.scope ?? ''),
  limit.operations === undefined ? 'all operations' : limit.operations.map(code).join(', '),
  paragraph(
    limit.source === undefined ? '' : link(limit.source, limit.source),
    limit.date === undefined ? '' : `(${words(limit.date)})`,
  ),
]

function credentialBlocks({
  id,
  scheme,
  title,
  help,
  fields,
  scopes,
}: ConnectorDescription['credentials'][number]): string[] {
  const where = paragraph(
    `${words(title)}; scheme ${code(scheme)}.`,
    help?.text === undefined ? undefined : words(help.text),
    help?.link === undefined ? undefined : `${link('Where to get it', help.link)}.`,
  )
  return [
    `### ${code(id)}`,
    where,
    table(
      ['Field', 'Required', 'Secret', 'Meaning'],
      fields.map((one) => [
        code(one.name),
        one.required ? 'yes' : '',
        one.secret ? 'yes' : '',
        paragraph(words(one.title), helpWords(one.help ?? '')),
      ]),
    ),
    table(
      ['Scope', 'Allows'],
      Object.entries(scopes).map(([name, meaning]) => [code(name), words(meaning)]),
    ),
  ]
}

function operationBlocks(one: OperationDescription): string[] {
  const facts = [
    one.request === undefined ? undefined : code(one.request),
    `effect ${one.effect}`,
    one.risk === 'normal' ? undefined : `risk ${one.risk}`,
    one.scopes.length === 0 ? undefined : `needs ${one.scopes.map(code).join(', ')}`,
    one.cost === undefined ? undefined : `costs ${one.cost}`,
    one.reversedBy === undefined ? undefined : `taken back by ${code(one.reversedBy)}`,
    one.evidence === undefined ? undefined : `evidence ${words(one.evidence)}`,
  ]
  const gives =
    one.output === undefined
      ? 'Gives nothing that is described.'
      : `Gives ${one.paged ? 'pages of ' : ''}${typeWords(one.output)}.`
  const own = typeof one.output?.$ref === 'string' ? [] : propertyRows(one.output)
  return [
    `### ${code(one.name)}`,
    paragraph(
      words(one.summary ?? ''),
      one.deprecated === true ? '**Deprecated by the vendor.**' : undefined,
      one.note === undefined ? undefined : words(one.note),
    ),
    `${facts.filter((fact) => fact !== undefined).join('; ')}.`,
    table(['Input', 'Type', 'Required', 'Meaning'], propertyRows(one.input)),
    gives,
    table(['Field', 'Type', 'Always there', 'Meaning'], own),
  ]
}

function schemaBlocks({ schemas }: ConnectorDescription): string[] {
  const blocks = Object.entries(schemas).flatMap(([name, schema]) => [
    `### ${code(name)}`,
    typeof schema.description === 'string' ? words(schema.description) : '',
    table(['Field', 'Type', 'Always there', 'Meaning'], propertyRows(schema)) || `${typeWords(schema)}.`,
  ])
  return blocks.length === 0 ? [] : ['## Records', ...blocks]
}
