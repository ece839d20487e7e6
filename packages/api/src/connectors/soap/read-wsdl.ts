import { readFile, realpath } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { patchbayError } from '@patchbay/core'
import { configFault } from './config-fault.ts'
import type { WsdlText } from './description/index.ts'
import { importsOf } from './description/load-documents.ts'
import { decodeXml } from './xml/decode-xml.ts'
import { parseXml, XmlRefusal } from './xml/parse-xml.ts'

const mostDocuments = 200

/**
 * Reads a WSDL and the files that it imports from the disk, for `wsdl` of a config: `connect(soap, { config: { wsdl: await readWsdl(path) } })`.
 * Only files below `within` (default: the WSDL's folder) are read. This is for paths that the host application chooses; a config, which may
 * come from a tenant, names no files.
 * @throws PatchbayError `config` naming the file
 */
export async function readWsdl(
  path: string | URL,
  options: { readonly within?: string | URL } = {},
): Promise<WsdlText> {
  const main = await realpath(path)
  const folder = await realpath(options.within ?? dirname(main))
  const documents: Record<string, string> = {}
  const nameOf = (file: string): string => relative(folder, file).split(sep).join('/')
  const waiting = [main]
  const seen = new Set(waiting)
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.size > mostDocuments) throw refused(nameOf(file), `imports more than ${mostDocuments} documents`)
    const text = await textOf(file, nameOf(file))
    documents[nameOf(file)] = text
    for (const element of importsOf(parseXml(text, {}, 'skip'))) {
      const written = element.attribute('location') ?? element.attribute('schemaLocation')
      const target = written === undefined ? null : URL.parse(written, pathToFileURL(file).href)
      if (target === null || target.protocol !== 'file:') continue
      const other = await realpath(fileURLToPath(target)).catch(() => undefined)
      if (other === undefined) throw refused(nameOf(file), `imports ${written?.slice(0, 200)}, which is not there`)
      if (nameOf(other).startsWith('../') || relative(folder, other) === '')
        throw refused(
          nameOf(file),
          `imports ${written?.slice(0, 200)}, which lies outside of its folder: widen "within"`,
        )
      if (seen.has(other)) continue
      seen.add(other)
      waiting.push(other)
    }
  }
  const name = nameOf(main)
  const { [name]: text = '', ...others } = documents
  return { text, name, documents: others }
}

async function textOf(file: string, name: string): Promise<string> {
  try {
    const text = decodeXml(await readFile(file))
    parseXml(text, {}, 'skip')
    return text
  } catch (error) {
    if (error instanceof XmlRefusal) throw refused(name, `cannot be read: it ${error.message}`)
    throw error
  }
}

function refused(name: string, message: string): Error {
  return patchbayError(configFault('wsdl', `${name} ${message}`).facts)
}
