import type { CredentialValues, ManifestCredential } from './credential-values.ts'
import { bad, good, type VendorScheme } from './verdict.ts'

type Of<Scheme extends ManifestCredential['scheme']> = Extract<ManifestCredential, { scheme: Scheme }>

export function apiKeyScheme({ settle }: Of<'api-key'>, values: CredentialValues): VendorScheme {
  const expected = `${settle.prefix ?? ''}${values.key}`
  return {
    check({ headers, url }) {
      const found = settle.in === 'header' ? headers[settle.name.toLowerCase()] : url.searchParams.get(settle.name)
      if (found === undefined || found === null) return bad(`the ${settle.in} ${settle.name} is missing`)
      return found === expected ? good : bad(`the ${settle.in} ${settle.name} holds no valid key`)
    },
  }
}

export function bearerScheme(values: CredentialValues): VendorScheme {
  return {
    check({ headers }) {
      if (headers.authorization === undefined) return bad('the header Authorization is missing')
      return headers.authorization === `Bearer ${values.token}` ? good : bad('the token is not valid')
    },
  }
}

export function basicScheme({ settle }: Of<'basic'>, values: CredentialValues): VendorScheme {
  const user = (settle.username ?? values.username ?? '') + (settle.usernameSuffix ?? '')
  const expected = Buffer.from(`${user}:${settle.password ?? values.password ?? ''}`).toString('base64')
  return {
    check({ headers }) {
      if (headers.authorization === undefined) return bad('the header Authorization is missing')
      return headers.authorization === `Basic ${expected}` ? good : bad('user name or password is wrong')
    },
  }
}
