import { entriesOf, type ManifestOperation, type Rule } from './rule.ts'

/** XML schemas hold what they refer to, their types can be, and messages begin with elements of them. */
export const xmlFits: Rule = {
  code: 'xml-schema',
  async check(manifest, report) {
    const sets = entriesOf(manifest.xml)
    if (sets.length === 0) return
    const { schemaDataIssues } = await import('../../connectors/soap/schema/check-schema-data.ts')
    for (const [name, set] of sets)
      for (const { path, message } of schemaDataIssues(set))
        report(
          ['xml', name, ...path],
          `The schemas ${message}.`,
          'Correct them, or write them anew with patchbay from-wsdl.',
        )
  },
}

/** Inputs and outputs of SOAP operations have places in their messages. */
export const soapFits: Rule = {
  code: 'soap-message',
  check(manifest, report) {
    for (const [name, one] of entriesOf(manifest.operations)) {
      const at = (...path: (string | number)[]) => ['operations', name, ...path]
      for (const [key, { in: place }] of entriesOf(one.input))
        if (place === 'soap-header' && one.soap === undefined)
          report(
            at('input', key, 'in'),
            'Headers of envelopes belong to SOAP.',
            'Add `soap`, or put the input elsewhere.',
          )
      if (one.soap !== undefined) message(one, (path, text, remedy) => report(at(...path), text, remedy))
    }
    for (const [index, { scheme }] of manifest.credentials.entries())
      if (scheme === 'ws-security' && Object.values(manifest.operations).some(({ soap }) => soap === undefined))
        report(
          ['credentials', index, 'scheme'],
          'WS-Security is written into envelopes only, and other operations would be sent without it.',
          'Use another scheme, or only SOAP operations.',
        )
  },
}

function message(one: ManifestOperation, report: (...told: [(string | number)[], string, string]) => void): void {
  const { soap, body, input, output, contentType } = one
  if (soap === undefined) return
  if (body !== undefined) report(['body'], 'The body of a SOAP operation is its message.', 'Remove `body`.')
  if (contentType !== undefined) report(['contentType'], 'SOAP settles the content type.', 'Remove it.')
  for (const [key, { in: place }] of entriesOf(input)) {
    if (place === 'form' || place === 'part')
      report(['input', key, 'in'], `A SOAP operation has no ${place}.`, 'Write in: body.')
    if (place === 'body' && soap.input === undefined)
      report(['input', key, 'in'], 'The Body is empty.', 'Add soap.input, or remove the input.')
  }
  if (output?.as !== undefined && output.as !== 'json' && output.as !== 'nothing')
    report(['output', 'as'], `The answer of a SOAP operation is no ${output.as}.`, 'Remove `as`.')
  if (soap.output === undefined && (output?.schema !== undefined || one.list !== undefined))
    report(['soap'], 'One-way operations have no answer.', 'Add soap.output, or remove what describes the answer.')
}
