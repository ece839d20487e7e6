import * as credentials from '@patchbay/core/credentials'
import { expect, test } from 'vitest'
import { graphql } from './connectors/graphql/index.ts'
import { rest } from './connectors/rest/index.ts'
import { soap } from './connectors/soap/index.ts'
import { credentialSchemes } from './credential-schemes.ts'

test('the generic connectors take every credential of core', () => {
  const ofCore = Object.values(credentials).flatMap((one) =>
    typeof one === 'function' && 'scheme' in one ? [one.scheme.id] : [],
  )
  expect(credentialSchemes.map(({ id }) => id).sort()).toEqual(ofCore.sort())
  for (const connector of [rest, graphql, soap])
    expect(connector.credentials.map(({ id }) => id)).toEqual(expect.arrayContaining(ofCore))
})
