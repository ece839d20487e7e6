import type { FaultContext, SimulatedFault } from './fault.ts'

const notJson = ({ plan }: FaultContext): string | undefined => {
  const { as = 'json' } = plan.operation.output ?? {}
  return as === 'json' ? undefined : `the answer is ${as}`
}

/** Every answer of the read ends in the middle. */
export const truncatedJson: SimulatedFault = {
  id: 'truncated-json',
  title: 'truncated JSON',
  impossible: notJson,
  expectation: () => ({ error: ['protocol'] }),
  runs: ({ plan }) => [
    {
      interference: {
        after: ({ routed }, answer) =>
          routed?.plan.name !== plan.name || answer.status >= 300
            ? answer
            : { ...answer, body: answer.body.subarray(0, Math.max(1, Math.floor(answer.body.length / 2))) },
      },
    },
  ],
}

/** A page for people, with status 200, where data was asked for. */
export const wrongContentType: SimulatedFault = {
  id: 'wrong-content-type',
  title: 'HTML with status 200',
  impossible: notJson,
  expectation: () => ({ error: ['protocol'] }),
  runs: ({ plan }) => [
    {
      interference: {
        after: ({ routed }, answer) =>
          routed?.plan.name !== plan.name || answer.status >= 300
            ? answer
            : {
                status: 200,
                headers: { 'content-type': 'text/html; charset=utf-8' },
                body: Buffer.from('<!doctype html><title>Log in</title><p>Please log in.</p>'),
              },
      },
    },
  ],
}
