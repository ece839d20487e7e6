import type { CredentialEnv, Random, SignableRequest } from '@patchbay/core'
import { Events, systemClock } from '@patchbay/core'
import { hmac, type SignerSpec } from '@patchbay/core/credentials'
import { valueNames } from '../credential-fields.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { faultText } from './fault-text.ts'
import { entriesOf, type Rule } from './rule.ts'

type Signer = NonNullable<IntegrationManifest['signers']>[string]
type Vector = Signer['vectors'][number]

/** Every nonce has the bytes that the vector names, from their beginning, again and again. */
function fixedRandom(hex: string): Random {
  const source = Buffer.from(hex, 'hex')
  const bytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, index) => source[index % source.length] ?? 0)
  return {
    next: () => 0,
    bytes,
    uuid: () =>
      Buffer.from(bytes(16))
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  }
}

function envOf({ at, nonce }: Vector): CredentialEnv {
  return {
    clock: { ...systemClock, now: () => Date.parse(at) },
    random: fixedRandom(nonce ?? ''),
    events: new Events(),
    connection: 'vector',
    tenant: undefined,
    store: undefined,
    transport: () => Promise.reject(new Error('A signer sends nothing.')),
  }
}

/** What core's signer makes of a vector: header names in lower case, and keys of the query. */
export async function signedBy(
  signer: Pick<Signer, 'writes'>,
  vector: Vector,
): Promise<Readonly<Record<string, string>>> {
  const names = valueNames(signer.writes.map(({ value }) => value))
  const pick = (wanted: Set<string>, given: Readonly<Record<string, string>> | undefined): Record<string, string> =>
    Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => wanted.has(name)))
  const source = hmac({
    signer: { writes: signer.writes } as SignerSpec,
    secrets: pick(names.secrets, vector.secrets),
    fields: pick(names.fields, vector.fields),
  })
  const credential = await source.open(envOf(vector))
  const { method, url, headers, body } = vector.request
  const request: SignableRequest = {
    method,
    url,
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    body,
  }
  await credential.apply(request)
  const written = Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const)
  return Object.fromEntries([...new URL(request.url).searchParams, ...written])
}

/** Core's signer makes of each vector what it says. */
export const signerVectors: Rule = {
  code: 'signer-vector',
  async check({ signers }, report) {
    for (const [name, signer] of entriesOf(signers)) {
      for (const [index, vector] of signer.vectors.entries()) {
        const at = ['signers', name, 'vectors', index] as const
        try {
          const made = await signedBy(signer, vector)
          for (const [key, wanted] of entriesOf(vector.writes)) {
            const found = Object.hasOwn(made, key) ? made[key] : undefined
            if (found === wanted) continue
            const what = found === undefined ? 'writes no such header or query key' : `writes ${JSON.stringify(found)}`
            report(
              [...at, 'writes', key],
              `The signer ${what}.`,
              'Correct the signer, or the vector if its source says otherwise.',
            )
          }
        } catch (error) {
          report(at, `The signer cannot sign this: ${faultText(error)}.`, 'Correct `writes`, or what the vector gives.')
        }
      }
    }
  },
}
