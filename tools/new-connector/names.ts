/** The names that the templates need, derived from two. */
export interface ConnectorNames {
  /** `api` */
  readonly family: string
  /** `issue-tracker` */
  readonly product: string
  /** `issueTracker` */
  readonly value: string
  /** `IssueTracker` */
  readonly type: string
  /** `Issue Tracker` */
  readonly title: string
}

export function namesOf(family: string, product: string, title?: string): ConnectorNames {
  const words = product.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  const type = words.join('')
  return {
    family,
    product,
    value: `${type.charAt(0).toLowerCase()}${type.slice(1)}`,
    type,
    title: title ?? words.join(' '),
  }
}
