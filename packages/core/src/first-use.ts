export { CallPath } from './call-path.ts'
export { openConnection } from './open-connection.ts'
