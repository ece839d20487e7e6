export { type PatchbayEvent, toCloudEvent } from './cloud-event.ts'
