import { commentOf } from './type-comment.ts'

/** A JSDoc block over several paragraphs of texts; empty without any. Nothing in a text ends the comment. */
export function comment(texts: readonly (string | undefined)[], indentation = '', deprecated = false): string {
  const description = texts.filter((text) => text !== undefined && text !== '').join('\n')
  return commentOf(
    { ...(description === '' ? {} : { description }), ...(deprecated ? { deprecated } : {}) },
    indentation,
  )
}
