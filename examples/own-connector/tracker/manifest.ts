import type { Manifest } from '@patchbay/core'

/** What is true of the tracker without calling it. */
export const manifest: Manifest = {
  id: 'api/example-tracker',
  title: 'Example Tracker',
  summary: 'Issues of a tracker that does not exist.',
  version: '0.1.0',
  // Pages of the vendor that state the facts below.
  sources: ['https://tracker.example/docs/limits'],
  limits: [{ units: 60, perMs: 60_000 }],
  concurrency: 4,
}
