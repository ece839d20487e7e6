import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import type { ElementDeclaration, Particle } from './schema-model.ts'

/** What reading needs to know of the document: {@link import('./read-schema.ts').SchemaContext}. */
export interface SchemaNames {
  readonly target: string
  readonly qualifiedElements: boolean
  readonly qualifiedAttributes: boolean
  name(at: XmlElement, text: string): string
}

// biome-ignore lint/suspicious/noExplicitAny: the context is the caller's own
export type ReadElement = (element: XmlElement, context: any) => ElementDeclaration

const models = new Set(['sequence', 'choice', 'all', 'group'])

export function isModel(element: XmlElement): boolean {
  return element.uri === namespaces.schema && models.has(element.local)
}

/** A model group or one of its members. */
export function readParticle(element: XmlElement, context: SchemaNames, readElement: ReadElement): Particle {
  const least = count(element.attribute('minOccurs'))
  const occurs = { min: Number.isFinite(least) ? least : 1, max: count(element.attribute('maxOccurs')) }
  const reference = element.attribute('ref')
  switch (element.local) {
    case 'element':
      return {
        kind: 'element',
        element:
          reference === undefined ? readElement(element, context) : { reference: context.name(element, reference) },
        ...occurs,
      }
    case 'any':
      return { kind: 'any', ...occurs }
    case 'group':
      return { kind: 'group', reference: context.name(element, reference ?? ''), ...occurs }
    default:
      return {
        kind: element.local as 'sequence' | 'choice' | 'all',
        particles: element.elements
          .filter(
            (child) => isModel(child) || (child.uri === namespaces.schema && ['element', 'any'].includes(child.local)),
          )
          .map((child) => readParticle(child, context, readElement)),
        ...occurs,
      }
  }
}

function count(text: string | undefined): number {
  if (text === undefined) return 1
  if (text.trim() === 'unbounded') return Number.POSITIVE_INFINITY
  const value = Number(text)
  return Number.isInteger(value) && value >= 0 ? value : 1
}
