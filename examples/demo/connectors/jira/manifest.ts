import type { Manifest } from '@patchbay/core'

/** What is true of Jira Cloud without calling it. */
export const manifest: Manifest = {
  id: 'api/jira',
  title: 'Jira Cloud',
  summary: 'Issues of a Jira project.',
  version: '0.1.0',
  vendor: { name: 'Atlassian', homepage: 'https://www.atlassian.com/software/jira' },
  sources: [
    'https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/',
    'https://developer.atlassian.com/cloud/jira/platform/rate-limiting/',
    'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
  ],
  concurrency: 4,
}
