import type { BodySource } from '../../request/body.ts'

/** What a file may be given as. A source is opened anew for each attempt; `fs.openAsBlob` makes a Blob of a file on disk. */
export type UploadContent = string | Uint8Array | Blob | BodySource

/** A file among the variables. Made by {@link upload}. */
export class GraphqlUpload {
  readonly content: UploadContent
  readonly name: string
  readonly type: string | undefined

  constructor(content: UploadContent, name: string, type: string | undefined) {
    this.content = content
    this.name = name
    this.type = type
  }

  /** Its content is neither data nor worth a log line. */
  toJSON(): unknown {
    return { upload: this.name, type: this.type }
  }
}

/**
 * A file as a variable of type `Upload`. The request is then sent in several parts, as the GraphQL multipart request specification has it
 * (https://github.com/jaydenseric/graphql-multipart-request-spec); the server must support that, and many want a header against forged
 * requests beside it (`headers` of the config).
 */
export function upload(
  content: UploadContent,
  options: { readonly name?: string; readonly type?: string } = {},
): GraphqlUpload {
  const name = options.name ?? (content instanceof File ? content.name : 'file')
  return new GraphqlUpload(content, name, options.type)
}
