export { type BatchOptions, batch, type Verdict } from './batch.ts'
export {
  type BulkJobOptions,
  type BulkProgress,
  type BulkResult,
  bulkJob,
  forgetJob,
} from './bulk-job.ts'
export { type Checksum, type Downloaded, type DownloadOptions, type DownloadPart, download } from './download.ts'
export { type ExportJobOptions, type ExportProgress, type ExportReader, exportJob } from './export-job.ts'
export { bytesSource, fileSource, type RangeSource } from './file-source.ts'
export type { FlowConnection, FlowOptions, JobCall } from './flow-run.ts'
export { type PollOptions, type PollPace, poll } from './poll.ts'
export { type UploadOptions, type UploadPart, upload } from './upload.ts'
