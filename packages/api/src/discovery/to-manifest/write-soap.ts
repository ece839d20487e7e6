import type { OperationModel } from '../model.ts'
import type { SchemaNode } from '../schema.ts'
import { asInput, type Input, keyFor } from './inputs.ts'
import { wordsOf } from './names.ts'
import { soapBindingOf } from './soap-binding.ts'
import type { WriteOperationNeeds, WrittenOperation } from './written-operation.ts'
import type { XmlPart } from './xml-part.ts'

/** Name of the set of XML schemas in a manifest that is made from one WSDL. */
export const setName = 'wsdl'

const reads =
  /^(?:list|get|search|find|query|count|check|preview|read|export|validate|lookup|describe|resolve|retrieve|fetch|ping|exists|show|view)$/
const destroys = /^(?:delete|destroy|purge|erase|wipe|remove)$/

/** An operation of a WSDL: its messages by their elements, the parts of the Body's element as inputs. */
export function writeSoap(needs: WriteOperationNeeds, xml: XmlPart, summary: string): WrittenOperation {
  const { operation, writer, origin } = needs
  const binding = soapBindingOf(operation)
  if (binding === undefined) throw new TypeError(`${operation.key} is no operation of SOAP`)
  const { version, action, input: sent, output, faults, addressing } = binding
  const element = (name: string): string => {
    xml.add(name)
    return xml.nameOf(name)
  }
  const input = inputsOf(needs, xml)
  const answer = operation.responses[0]?.media[0]?.schema
  const schema = answer === undefined ? {} : writer.write(answer, 'output')
  const query = new URLSearchParams([...(operation.fixedQuery ?? [])]).toString()
  return {
    summary,
    ...(operation.id === undefined ? {} : { source: operation.id }),
    request: `POST ${operation.path}${query === '' ? '' : `?${query}`}`,
    ...(origin === undefined ? {} : { origin }),
    ...effectOf(needs),
    ...(Object.keys(input).length === 0 ? {} : { input }),
    soap: {
      version,
      action,
      schemas: setName,
      ...(sent === undefined ? {} : { input: element(sent) }),
      ...(output === undefined ? {} : { output: element(output) }),
      ...(faults.length === 0 ? {} : { faults: [...new Set(faults.map(element))] }),
      ...(addressing === undefined ? {} : { addressing }),
    },
    output: output === undefined ? { as: 'nothing' } : { schema: writer.nameOf(schema) ?? schema },
  }
}

/** No WSDL says what sending an operation twice does: its name is all that there is. */
function effectOf({ name, guesses }: WriteOperationNeeds): Pick<WrittenOperation, 'effect' | 'risk'> {
  const verb = wordsOf(name.split('.')[1] ?? '')[0]?.toLowerCase() ?? ''
  const place = `operations.${name}`
  if (reads.test(verb)) {
    guesses.add(
      `${place}.effect`,
      'read',
      'medium',
      `its name begins with "${verb}"; make it write if it changes anything`,
    )
    return { effect: 'read' }
  }
  guesses.add(`${place}.effect`, 'write', 'high', 'nothing says that it may be sent twice')
  if (!destroys.test(verb)) return { effect: 'write' }
  guesses.add(`${place}.risk`, 'destructive', 'medium', `its name begins with "${verb}"`)
  return { effect: 'write', risk: 'destructive' }
}

function inputsOf(needs: WriteOperationNeeds, xml: XmlPart): Record<string, Input> {
  const { operation, writer } = needs
  const input: Record<string, Input> = {}
  const taken = new Set<string>()
  const put = (name: string, place: string, node: SchemaNode, more: Input): void => {
    const key = keyFor(name, place, taken)
    const { as, ...rest } = more
    const own = as ?? name
    input[key] = {
      in: place,
      ...(own === key ? {} : { as: own }),
      ...asInput({ ...writer.write(node, 'input') }),
      ...rest,
    }
  }
  const node = operation.body?.media[0]?.schema
  if (node !== undefined) {
    const parts = partsOf(node, needs)
    if (parts === undefined) put(localOf(operation), 'body', node, { as: '@', required: true })
    else
      for (const [name, part] of parts.properties)
        put(name, 'body', part, parts.required.has(name) ? { required: true } : {})
  }
  const binding = soapBindingOf(operation)
  for (const [index, header] of (binding?.headers ?? []).entries()) {
    xml.add(header)
    const schema = binding?.headerSchemas[index]
    if (schema !== undefined) put(header.replace(/^.*\}/, ''), 'soap-header', schema, { as: xml.nameOf(header) })
  }
  return input
}

const localOf = ({ binding }: OperationModel): string => String(binding?.input ?? 'body').replace(/^.*\}/, '')

/** The parts of the Body's element; undefined where it is a text, or its parts have names that paths cannot hold. */
function partsOf(node: SchemaNode, { model }: WriteOperationNeeds) {
  const view = model.schemas.view(node)
  const fields = view.types.includes('object') && view.anyOf.length === 0 ? model.schemas.fields(node) : undefined
  const names = [...(fields?.properties.keys() ?? [])]
  const open = names.every((name) => name !== '' && name !== '@' && name !== '__proto__' && !name.includes('.'))
  return fields !== undefined && open ? fields : undefined
}
