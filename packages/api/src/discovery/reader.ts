import type { Findings } from './finding.ts'
import type { Caps } from './limits.ts'
import type { ApiModel } from './model.ts'
import type { DataDocument, SourceDocument } from './source-document.ts'

/** What a reader may use. */
export interface ReadingContext {
  readonly findings: Findings
  readonly caps: Caps
  /** All documents that were loaded for this description, the first one first. */
  readonly documents: readonly DataDocument[]
  /**
   * Loads another document under the policy of this reading, for imports that are no `$ref`.
   * @throws PatchbayError `description-refused` and the others of loading
   */
  load(address: string, from: SourceDocument): Promise<SourceDocument>
}

/** Turns documents of one format into the model. The content decides who reads: the first whose `detects` says yes. */
export interface DescriptionReader {
  /** Name of the format, such as `openapi`. */
  readonly format: string
  detects(document: SourceDocument): boolean
  read(document: SourceDocument, context: ReadingContext): ApiModel | Promise<ApiModel>
}
