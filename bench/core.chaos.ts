import type { Bench } from './bench.ts'
import { drill } from './chaos/core/drill.ts'

export const bench: Bench = {
  description: 'kill -9 at 300 seeded points of streams, token refresh, webhook inbox and outgoing webhooks',
  run: ({ seed, rounds = 15, sabotage, log }) => drill({ seed, rounds, sabotage, log }),
}
