import { type Finding, problem } from '../finding.ts'
import { type SyntaxNode, walk } from '../source-file.ts'
import { published, type Tree } from './tree.ts'

/** A choice of names that would show first when core learns about a vendor. */
const names =
  /\b(?:airtable|amazon|asana|atlassian|auth0|aws|azure|bitbucket|confluence|crowdstrike|databricks|datadog|discord|dropbox|freshdesk|github|gitlab|gmail|google|hubspot|intercom|jenkins|jira|linear|looker|mailchimp|marketo|microsoft|mongodb|mysql|netsuite|notion|okta|oracle|pagerduty|paypal|powerbi|quickbooks|s3|salesforce|sap|sendgrid|sentry|servicenow|sharepoint|shopify|slack|snowflake|splunk|square|stripe|tableau|twilio|workday|xero|zendesk|zoom)\b/i

/** Protocols that carry their inventor's name and are spoken by others too. */
const protocols: readonly { readonly path: RegExp; readonly name: RegExp }[] = [
  {
    path: /\/credentials\/(?:[^/]*\/)?(?:aws-)?sigv4|\/credentials\/(?:[^/]*\/)?aws-|\/credentials\/index\.ts$/,
    name: /^(?:aws|amazon|s3)$/i,
  },
  { path: /\/webhook\//, name: /^(?:aws|amazon)$/i },
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
      const findings: Finding[] = []
      walk(file.program, (node) => {
        const text =
          node.type === 'Identifier'
            ? String(node.name)
            : node.type === 'Literal' || node.type === 'TemplateElement'
              ? literalText(node)
              : ''
        const found = names.exec(words(text))?.[0]
        if (found === undefined || protocols.some(({ path, name }) => path.test(file.path) && name.test(found))) return
        findings.push(
          problem(
            file.path,
            file.lineOf(node.start),
            `core names the vendor ${found}`,
            'Make it data that a connector hands in.',
          ),
        )
      })
      return findings
    })
}

function literalText(node: SyntaxNode): string {
  if (typeof node.value === 'string') return node.value
  const cooked = (node.value as { cooked?: unknown } | null | undefined)?.cooked
  return typeof cooked === 'string' ? cooked : ''
}
