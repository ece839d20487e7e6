import { type Finding, problem } from '../finding.ts'
import { type SyntaxNode, walk } from '../source-file.ts'
import { published, type Tree } from './tree.ts'

/** A choice of names that would show first when core learns about a vendor. */
const names =
  /\b(?:airtable|amazon|asana|atlassian|auth0|aws|azure|bitbucket|crowdstrike|databricks|datadog|dropbox|freshdesk|github|gitlab|gmail|google|hubspot|jenkins|jira|mailchimp|marketo|microsoft|mongodb|mysql|netsuite|okta|pagerduty|paypal|powerbi|quickbooks|s3|salesforce|sendgrid|servicenow|sharepoint|shopify|snowflake|splunk|stripe|tableau|twilio|xero|zendesk)\b/i

/** Names that are words as well: `slackMs` is a span of time. They count in texts only. */
const wordsToo = /\b(?:confluence|discord|intercom|linear|looker|notion|oracle|sap|sentry|slack|square|workday|zoom)\b/i

/** Protocols that carry their inventor's name and are spoken by others too: docs/adr/0016-vendors-stay-out-of-core.md. */
const protocols: readonly { readonly path: RegExp; readonly name: RegExp }[] = [
  { path: /\/credentials\/(?:aws\/|aws-|index\.ts$)/, name: /^(?:aws|amazon|s3)$/i },
]

/** Splits `awsSigv4` and `x-amz-date` into words, so that a name inside an identifier is found. */
function words(text: string): string {
  return text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]/g, ' ')
}

/** Core knows contracts and protocols; what is true of one vendor only belongs to that vendor's connector. Comments may name sources. */
export function vendors(tree: Tree): Finding[] {
  return published(tree)
    .filter(({ path }) => path.startsWith('packages/core/'))
    .flatMap((file) => {
      const found = new Map<string, number>()
      walk(file.program, (node) => {
        const text = node.type === 'Literal' || node.type === 'TemplateElement' ? literalText(node) : undefined
        const identifier = node.type === 'Identifier' ? String(node.name) : ''
        const name = names.exec(words(text ?? identifier))?.[0] ?? wordsToo.exec(words(text ?? ''))?.[0]
        if (name === undefined || found.has(name.toLowerCase())) return
        if (!protocols.some((one) => one.path.test(file.path) && one.name.test(name)))
          found.set(name.toLowerCase(), node.start)
      })
      return [...found].map(([name, start]) =>
        problem(
          file.path,
          file.lineOf(start),
          `core names the vendor ${name}`,
          'Make it data that a connector hands in.',
        ),
      )
    })
}

function literalText(node: SyntaxNode): string {
  if (typeof node.value === 'string') return node.value
  const cooked = (node.value as { cooked?: unknown } | null | undefined)?.cooked
  return typeof cooked === 'string' ? cooked : ''
}
