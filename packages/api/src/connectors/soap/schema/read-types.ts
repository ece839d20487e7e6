import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { readAttributes } from './read-attributes.ts'
import { isModel, type ReadElement, readParticle } from './read-particles.ts'
import { readSimpleType, type TypeNames } from './read-simple-type.ts'
import type { ComplexType } from './schema-model.ts'

const inSchema = (element: XmlElement, local: string): XmlElement | undefined => element.first(namespaces.schema, local)

export function readComplexType(element: XmlElement, context: TypeNames, readElement: ReadElement): ComplexType {
  const name = element.attribute('name') === undefined ? undefined : context.own(element)
  const abstract = isTrue(element.attribute('abstract'))
  const simple = inSchema(element, 'simpleContent')
  const complex = inSchema(element, 'complexContent')
  const content = simple ?? complex
  const derived =
    content === undefined ? undefined : (inSchema(content, 'extension') ?? inSchema(content, 'restriction'))
  const body = derived ?? element
  const model = body.elements.find(isModel)
  const base = derived?.attribute('base')
  // A restricted simple content may narrow its type in place.
  const narrowed = derived === undefined ? undefined : inSchema(derived, 'simpleType')
  return {
    variety: 'complex',
    name,
    abstract,
    mixed: isTrue(complex?.attribute('mixed') ?? element.attribute('mixed')),
    derivation: derived === undefined ? undefined : derived.local === 'extension' ? 'extension' : 'restriction',
    base:
      simple !== undefined && narrowed !== undefined
        ? readSimpleType(narrowed, context)
        : base === undefined || derived === undefined
          ? undefined
          : context.name(derived, base),
    content: simple === undefined ? 'elements' : 'simple',
    particle: model === undefined ? undefined : readParticle(model, context, readElement),
    attributes: readAttributes(body.elements, context),
  }
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1'
}
