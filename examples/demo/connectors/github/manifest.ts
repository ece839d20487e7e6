import type { Manifest } from '@patchbay/core'

/** What is true of GitHub without calling it. */
export const manifest: Manifest = {
  id: 'api/github',
  title: 'GitHub',
  summary: 'Issues and pull requests of a repository.',
  version: '0.1.0',
  vendor: { name: 'GitHub', homepage: 'https://github.com' },
  sources: [
    'https://docs.github.com/en/rest/issues/issues#list-repository-issues',
    'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api',
  ],
  limits: [{ units: 5000, perMs: 3_600_000 }],
  // "Make requests serially" is the advice; a few at once are allowed.
  concurrency: 4,
}
