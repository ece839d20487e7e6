import { credentialFields, valueNames, valuesOf } from '../credential-fields.ts'
import { meant } from '../reading/nearest.ts'
import { entriesOf, type Rule } from './rule.ts'

/** Every field of a credential is used, and every used one declared; secrets are marked. */
export const credentialFieldNames: Rule = {
  code: 'credential-field',
  check(manifest, report) {
    for (const [index, credential] of manifest.credentials.entries()) {
      const at = ['credentials', index] as const
      const declared = credential.fields ?? {}
      if (credential.scheme !== 'signer' && credential.scheme !== 'session') {
        const names = credentialFields(credential, manifest).map(({ name }) => name)
        for (const name of Object.keys(declared))
          if (!names.includes(name))
            report(
              [...at, 'fields', name],
              `No user gives "${name}" for ${credential.scheme}.`,
              names.length === 0 ? 'Remove it.' : meant(name, names, 'fields'),
            )
        continue
      }
      // A signer that there is not is told as such.
      if (credential.scheme === 'signer' && !Object.hasOwn(manifest.signers ?? {}, credential.settle.signer)) continue
      const { secrets, fields } = valueNames(valuesOf(credential, manifest))
      for (const name of new Set([...secrets, ...fields]))
        if (!Object.hasOwn(declared, name))
          report(
            at,
            `"${name}" is used and not declared in fields.`,
            `Add fields: { ${name}: { type: string${secrets.has(name) ? ', writeOnly: true' : ''} } }.`,
          )
      for (const [name, field] of entriesOf(declared)) {
        const path = [...at, 'fields', name]
        if (!secrets.has(name) && !fields.has(name))
          report(path, `The field "${name}" is used nowhere.`, 'Write it somewhere, or remove it.')
        else if (secrets.has(name) && field.writeOnly !== true)
          report(path, `"${name}" is read as a secret and not marked as one.`, 'Add writeOnly: true.')
        else if (fields.has(name) && field.writeOnly === true)
          report(path, `"${name}" is a secret and read with { field }.`, `Read it with { secret: ${name} }.`)
      }
    }
  },
}

/** A person who must get a credential is told where. */
export const credentialHelp: Rule = {
  code: 'credential-help',
  level: 'warning',
  check({ credentials }, report) {
    for (const [index, { scheme, help, fields, id }] of credentials.entries())
      if (
        scheme !== 'none' &&
        help === undefined &&
        !Object.values(fields ?? {}).some((field) => field['x-help'] !== undefined)
      )
        report(
          ['credentials', index],
          `Nobody is told where to get "${id}".`,
          "Add help: { link } with the vendor's page.",
        )
  },
}
