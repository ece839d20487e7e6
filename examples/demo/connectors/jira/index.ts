export { issueChanges, type JiraConfig, jira } from './jira.ts'
export type { Issue } from './wire.ts'
