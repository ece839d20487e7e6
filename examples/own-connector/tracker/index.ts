export { type TrackerConfig, tracker } from './tracker.ts'
export type { Issue } from './wire.ts'
