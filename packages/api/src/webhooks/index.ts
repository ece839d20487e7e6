export { type GooglePubSubSettings, googlePubSub } from './google-pub-sub.ts'
export { webhookPresets } from './webhook-presets.ts'
