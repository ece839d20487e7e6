export { type GithubConfig, github, issueChanges, type Repository } from './github.ts'
export { githubWebhooks } from './webhooks.ts'
export type { Issue } from './wire.ts'
