export { type ExitStatus, exitStatus } from './exit-status.ts'
export { runCli } from './run.ts'
export type { Terminal } from './terminal.ts'
