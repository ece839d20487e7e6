import type { SimulatedFault } from './fault.ts'

/** The vendor finds no credential in the request, whatever was sent. */
export const authMissing: SimulatedFault = {
  id: 'auth-missing',
  title: 'the credential is missing',
  impossible: ({ manifest, credential }) =>
    manifest.credentials.find(({ id }) => id === credential)?.scheme === 'none' ? 'there is no credential' : undefined,
  expectation: () => ({ error: ['credential'] }),
  runs: () => [
    {
      interference: {
        before: ({ routed, errors, refusals }) =>
          routed === undefined ? undefined : errors.answer('credential', 'no credential was found', {}, refusals),
      },
    },
  ],
}
