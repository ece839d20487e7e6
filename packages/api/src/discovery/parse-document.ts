import { isPatchbayError } from '@patchbay/core'
import { descriptionError } from './description-error.ts'
import type { Findings } from './finding.ts'
import type { Caps } from './limits.ts'
import { isFields } from './own.ts'
import type { SourceDocument } from './source-document.ts'
import { parseJson } from './text/parse-json.ts'
import { parseXml } from './text/parse-xml.ts'
import { parseYaml } from './text/parse-yaml.ts'

const graphqlWord =
  /^(?:schema|type|interface|enum|union|scalar|input|directive|extend)(?:\s+[\w@]\w*(?:\s|[{@(=])|\s*\{)/
/** Broken JSON above this is not tried as YAML, which takes many times as long. */
const mostYamlTry = 2_000_000

/** What the text holds, whatever its name or content type says. */
export async function parseDocument(
  text: string,
  location: string | undefined,
  caps: Caps,
  findings: Findings,
): Promise<SourceDocument> {
  const begin = firstWord(text)
  if (begin === '') {
    throw descriptionError('syntax', 'line 1, column 1', 'the document is empty', 'Give the description itself.')
  }
  if (begin === '<') {
    if (/^\s*<!doctype html|^\s*<html/i.test(text.slice(0, 1000))) {
      const what = 'this is a web page and no description'
      throw descriptionError(
        'unknown-format',
        'line 1, column 1',
        what,
        'Give the address of the JSON, YAML or XML document.',
      )
    }
    return { syntax: 'xml', root: await parseXml(text, caps.maxDepth), text, location }
  }
  if (begin === '{' || begin === '[') {
    try {
      return { syntax: 'json', value: parseJson(text, caps.maxDepth), location }
    } catch (error) {
      const value = await asYaml(text, error, caps)
      findings.add('json-repaired', '#', 'The JSON is broken, but it is good YAML and was read as that.')
      return { syntax: 'yaml', value, location }
    }
  }
  if (isGraphqlSchema(text)) return { syntax: 'text', text, location }
  const value = await parseYaml(text, caps)
  if (isFields(value)) return { syntax: 'yaml', value, location }
  throw descriptionError('unknown-format', '#', 'this is neither JSON, YAML, XML nor GraphQL', 'Give a description.')
}

async function asYaml(text: string, error: unknown, caps: Caps): Promise<unknown> {
  if (text.length > mostYamlTry || !isPatchbayError(error) || error.code !== 'description-syntax') throw error
  try {
    return await parseYaml(text, caps)
  } catch {
    throw error
  }
}

/** Past comments and descriptions stands a word that begins a definition. One pass: no part of the text is looked at twice. */
function isGraphqlSchema(text: string): boolean {
  let at = 0
  while (at < text.length) {
    const character = text[at] as string
    let end: number
    if (/[\s,]/.test(character)) end = at
    else if (character === '#') end = text.indexOf('\n', at)
    else if (text.startsWith('"""', at)) {
      end = text.indexOf('"""', at + 3)
      if (end !== -1) end += 2
    } else if (character === '"') end = text.indexOf('"', at + 1)
    else return graphqlWord.test(text.slice(at, at + 1000))
    if (end === -1) return false
    at = end + 1
  }
  return false
}

function firstWord(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (!/[\s\ufeff]/.test(character)) return character
  }
  return ''
}
