export { LoneAttempt } from './face/lone-attempt.ts'
