export { type JsonRecords, type JsonRecordsOptions, jsonRecords } from './json-records.ts'
export { ndjsonRecords } from './ndjson.ts'
export type { RecordBatches } from './record-batches.ts'
