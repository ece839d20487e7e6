import type { OperationModel } from '../model.ts'
import { camelOf, singular, wordsOf } from './names.ts'
import { soapBindingOf } from './soap-binding.ts'

const noise = /^(?:service|services|soap|port|porttype|binding|basichttpbinding|ws|api|https?|\d+)$/i

/** What remote procedures do and resources do not. */
const more = /^(?:store|retrieve|load|calculate|compute|change|print|transmit|count|is|has)$/i

/**
 * Names of a SOAP operation, from the shortest to the longest: `GetCustomer` is `customer.get`; `Add` of the service Calculator is
 * `calculator.add`. Undefined for other protocols.
 */
export function soapNames(operation: OperationModel, isVerb: (word: string) => boolean): string[] | undefined {
  const binding = soapBindingOf(operation)
  if (binding === undefined) return undefined
  const words = wordsOf(binding.operation)
  const [first = '', ...rest] = words
  const says = (word: string): boolean => isVerb(word.toLowerCase()) || more.test(word)
  // Operations of several ports have the port as their tag.
  const names = operation.tags.length > 0 ? [binding.port, binding.service] : [binding.service, binding.port]
  const owner = names.map(ownerOf)
  const split = (noun: readonly string[], verb: readonly string[]): string =>
    `${camelOf([...noun.slice(0, -1), singular(noun.at(-1) ?? '')], 'service')}.${camelOf(verb, 'call')}`
  const whole = owner.filter((one) => one.length > 0).map((one) => split(one, words))
  const last = rest.at(-1) ?? ''
  const short =
    says(first) && rest.length > 0 ? [split(rest, [first])] : says(last) ? [split(words.slice(0, -1), [last])] : []
  return [...short, ...whole, split(wordsOf(`${binding.service} ${binding.port}`), words)]
}

function ownerOf(name: string): string[] {
  return wordsOf(name.replace(/\d+$/, '')).filter((word) => !noise.test(word))
}
